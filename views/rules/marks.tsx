// Small marks of a rule that its list and its page share.

import type { RuleState, RuleSummary } from '#domain/rules/rule.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { formatNumber } from '#views/parts/format.ts'

const STATE_TONES: Readonly<Record<RuleState, Tone | undefined>> = {
  draft: undefined,
  active: 'ok',
  paused: 'warn',
  retired: 'unknown',
}

export const RuleStateBadge = ({ of }: { of: RuleState }) => {
  const tone = STATE_TONES[of]
  const word = of[0]!.toUpperCase() + of.slice(1)
  return tone === undefined ? <Badge>{word}</Badge> : <Badge tone={tone}>{word}</Badge>
}

/** A rule without a case for each way says so wherever it stands. */
export const TestsMark = ({
  rule,
}: {
  rule: Pick<RuleSummary, 'positiveTests' | 'negativeTests' | 'testVerdict'>
}) => {
  const { positiveTests, negativeTests, testVerdict } = rule
  const total = positiveTests + negativeTests
  if (testVerdict === 'failed') return <Badge tone="bad">Failed</Badge>
  if (positiveTests > 0 && negativeTests > 0) {
    const count = formatNumber(total)
    return testVerdict === 'passed' ? <Badge tone="ok">{`${count} passed`}</Badge> : <>{count}</>
  }
  const missing = total === 0 ? 'none' : positiveTests === 0 ? 'none fires' : 'none silent'
  return (
    <span class="muted" title="A rule needs a case that fires and one that stays silent">
      {missing}
    </span>
  )
}

/** `T1059.001`, each once, in the order of the tags. */
export function techniquesOf(tags: readonly string[]): readonly string[] {
  const ids = tags.flatMap((tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1] ?? [])
  return [...new Set(ids.map((id) => id.toUpperCase()))]
}
