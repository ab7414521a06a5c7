// What the pages of a change show beside the change itself.

import type { ChangeItem } from '#domain/changes/change.ts'
import type { TestRun } from '#domain/rules/testing/test-run.ts'

/** A field of the body, as it stands and as it would be written; null for nothing. */
export interface FieldShown {
  readonly field: string
  readonly from: string | null
  readonly to: string | null
}

export interface ItemShown {
  readonly item: ChangeItem
  /** What the change of its text means; empty where no text changes. */
  readonly sentences: readonly string[]
  /** Why nobody can say what it means; null while somebody can. */
  readonly unsaid: string | null
  readonly fields: readonly FieldShown[]
}

/** What the tests of a rule said last: at the version that stands there, and at the one that would. */
export interface TestsShown {
  readonly ruleId: string
  readonly ruleTitle: string
  readonly from: number | null
  readonly to: number
  readonly before: TestRun | null
  readonly after: TestRun | null
}

/** Over the rules of all items whose text is written: how their tests ended at that version. */
export interface VerdictsShown {
  readonly rules: number
  readonly passed: number
  readonly failed: number
}

/** What whoever looks may do with it now. */
export interface ChangeMay {
  readonly write: boolean
  readonly sign: boolean
  readonly deploy: boolean
  /** Deploy it before it is signed. */
  readonly breakGlass: boolean
}

/** How a signature of whoever looks is made. */
export interface SigningShown {
  /** A passkey is asked for by policy. */
  readonly byPasskey: boolean
  readonly hasPasskey: boolean
  /** They proved lately who they are: without that no form signs. */
  readonly isProved: boolean
  /** Null while they may sign; undefined where they are not among those who sign at all. */
  readonly whyNot: string | null | undefined
  /** How they decided about these bytes already. */
  readonly hasSigned: boolean
}
