// What a benchmark is. Each other file of this folder exports one as `bench`; run.ts runs them and
// prints the rows. Figures depend on the machine: where it matters a row is a share of a bare loop
// that does the same work beside it.

export interface Bench {
  readonly name: string
  run(print: Print): Promise<void>
}

/** One row: what was measured, the figure with its unit, and what it should be. */
export type Print = (what: string, figure: string, wanted?: string) => void
