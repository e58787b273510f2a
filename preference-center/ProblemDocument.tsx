// What a problem type means, for a person who follows its address.
import type { ProblemPage } from './model.ts'
import { LanguageSwitch, Page } from './Page.tsx'

/** Title and detail of a problem. */
export function ProblemDocument({ model }: { model: ProblemPage }) {
  return (
    <Page frame={model} heading={model.title}>
      <h1>{model.title}</h1>
      <p class="lead">{model.detail}</p>
      <LanguageSwitch frame={model} />
    </Page>
  )
}
