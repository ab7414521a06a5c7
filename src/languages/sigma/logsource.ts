// Log sources compared: what a rule names must be true of the event, of the rule a filter is for, of
// the case a pipeline is about. Case does not count.

import type { LogSource } from './rule.ts'

/** True when `other` says everything that `named` says. */
export function agreesWith(
  named: Pick<LogSource, 'product' | 'category' | 'service'>,
  other: Pick<LogSource, 'product' | 'category' | 'service'>,
): boolean {
  return (['product', 'category', 'service'] as const).every(
    (key) => named[key] === undefined || named[key].toLowerCase() === other[key]?.toLowerCase(),
  )
}

export function describeLogSource(logsource: LogSource): string {
  const parts = (['product', 'category', 'service'] as const).flatMap((key) =>
    logsource[key] === undefined ? [] : [`${key} ${logsource[key]}`],
  )
  return parts.join(', ') || 'no log source'
}
