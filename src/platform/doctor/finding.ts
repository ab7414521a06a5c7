// What a check of the doctor answers. `unknown` is an answer too: what cannot be seen from here is
// neither fine nor broken.

export const VERDICTS = ['ok', 'warn', 'bad', 'unknown'] as const
export type Verdict = (typeof VERDICTS)[number]

export interface Finding {
  /** Names the check, for scripts: `master-secret`. */
  readonly check: string
  readonly verdict: Verdict
  /** What was seen. */
  readonly message: string
  /** What to do about it; absent when nothing is. */
  readonly advice?: string
}

type Told = Omit<Finding, 'check'>

export const ok = (message: string): Told => ({ verdict: 'ok', message })
export const unknown = (message: string): Told => ({ verdict: 'unknown', message })
export const warn = (message: string, advice: string): Told => ({
  verdict: 'warn',
  message,
  advice,
})
export const bad = (message: string, advice: string): Told => ({ verdict: 'bad', message, advice })

/** Runs one check. One that throws is `unknown`: the others still have their say. */
export async function check(name: string, look: () => Told | Promise<Told>): Promise<Finding> {
  try {
    return { check: name, ...(await look()) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { check: name, ...unknown(`could not be checked: ${reason}`) }
  }
}
