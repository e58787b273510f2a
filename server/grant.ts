// Who asks for what is the operators', and what they were let do.
import type { Scope, Token } from './token.ts'

/** Who asks. */
export interface Operator {
  /** null: every site. */
  site: string | null
  /** null: everything. */
  scopes: readonly Scope[] | null
  /** null: the admin token. */
  token: Pick<Token, 'id' | 'name'> | null
}

/** What an operator was let do at a site. */
export interface Grant {
  operator: Operator
  scope: Scope
  site: string
}
