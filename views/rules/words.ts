// The words an editor offers while somebody writes a rule, as the page hands them to its script.

export interface Vocabulary {
  readonly keys: readonly string[]
  /** Under `rulewright:`. */
  readonly ownKeys: readonly string[]
  readonly modifiers: readonly string[]
  readonly levels: readonly string[]
  readonly statuses: readonly string[]
  readonly sources: readonly KnownSource[]
  readonly tags: readonly NamedTag[]
}

export interface KnownSource {
  readonly product?: string
  /** `category` or `service`. */
  readonly kind: string
  readonly name: string
  readonly fields: readonly string[]
}

export interface NamedTag {
  readonly tag: string
  readonly name: string
}
