// Where an address exists but not with this method: 405, and what it answers to.
import { Refusal } from '../../core/refusal.ts'
import { answerProblem, toProblem } from '../problem.ts'
import type { Routes } from '../service.ts'

/** Adds the rules; goes last, after every route. */
export function addMethodRules(app: Routes): void {
  const methods = new Map<string, Set<string>>()
  for (const { path, method } of app.routes) {
    if (method === 'ALL') continue
    methods.set(path, (methods.get(path) ?? new Set()).add(method))
  }
  for (const [path, known] of methods) {
    const allowed = [...known, ...(known.has('GET') ? ['HEAD'] : [])].sort().join(', ')
    app.all(path, () => {
      const refusal = new Refusal([{ pointer: '', code: 'method', detail: `This address answers to ${allowed}.` }])
      return answerProblem(toProblem(refusal), { allow: allowed })
    })
  }
}
