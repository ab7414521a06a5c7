// EQL's functions with the number of arguments each takes, and which may be called caselessly
// (`endsWith~`). Source: elastic.co/docs, EQL function reference, read 2026-11.

export interface EqlFunction {
  readonly arguments: readonly [least: number, most: number]
  readonly hasCaseless: boolean
  readonly isDeprecated?: boolean
}

const MANY = Number.POSITIVE_INFINITY

export const EQL_FUNCTIONS: Readonly<Record<string, EqlFunction>> = {
  add: { arguments: [2, 2], hasCaseless: false },
  between: { arguments: [3, 4], hasCaseless: true },
  cidrMatch: { arguments: [2, MANY], hasCaseless: false },
  concat: { arguments: [1, MANY], hasCaseless: false },
  divide: { arguments: [2, 2], hasCaseless: false },
  endsWith: { arguments: [2, MANY], hasCaseless: true },
  indexOf: { arguments: [2, 3], hasCaseless: true },
  length: { arguments: [1, 1], hasCaseless: false },
  match: { arguments: [2, MANY], hasCaseless: true, isDeprecated: true },
  modulo: { arguments: [2, 2], hasCaseless: false },
  multiply: { arguments: [2, 2], hasCaseless: false },
  number: { arguments: [1, 2], hasCaseless: false },
  startsWith: { arguments: [2, MANY], hasCaseless: true },
  string: { arguments: [1, 1], hasCaseless: false },
  stringContains: { arguments: [2, 2], hasCaseless: true },
  substring: { arguments: [2, 3], hasCaseless: false },
  subtract: { arguments: [2, 2], hasCaseless: false },
  wildcard: { arguments: [2, MANY], hasCaseless: true, isDeprecated: true },
}

const BY_LOWER_CASE = new Map(
  Object.entries(EQL_FUNCTIONS).map(([name, definition]) => [
    name.toLowerCase(),
    { name, definition },
  ]),
)

/** Case does not count in function names; `name` is the documented spelling. */
export function findEqlFunction(
  text: string,
): { readonly name: string; readonly definition: EqlFunction } | undefined {
  return BY_LOWER_CASE.get(text.toLowerCase())
}

/** Pipes with the number of arguments; Elasticsearch runs the first two, older engines all. */
export const EQL_PIPES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  head: [1, 1],
  tail: [1, 1],
  count: [0, MANY],
  filter: [1, 1],
  sort: [1, MANY],
  unique: [1, MANY],
  unique_count: [0, MANY],
}

export const EQL_PIPES_OF_ELASTICSEARCH: ReadonlySet<string> = new Set(['head', 'tail'])
