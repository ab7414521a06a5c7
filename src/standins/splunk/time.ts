// Time modifiers as REST takes them: epoch seconds, ISO, `now`, `-24h@h` without the snap.

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

/** Seconds; undefined where nothing is said or it is `0`, all time. */
export function secondsOf(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined || text === '' || text === '0') return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  const relative = /^(?:now)?(?:([+-]\d+)([smhdw]))?(?:@\w+)?$/.exec(text)
  if (relative) return nowMs / 1_000 + Number(relative[1] ?? 0) * (UNITS[relative[2] ?? 's'] ?? 1)
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at / 1_000
}
