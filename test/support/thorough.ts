// How much of a proof `npm test` runs, and how much `npm run test:long`: samples tell within seconds
// that something broke, and the whole runs before anything is released. Files that import this are
// those that the long suite runs again.

export const isThorough = process.env['RULEWRIGHT_THOROUGH'] !== undefined

/** `sample` in the quick suite, `whole` in the long one. */
export function thoroughly<T>(sample: T, whole: T): T {
  return isThorough ? whole : sample
}
