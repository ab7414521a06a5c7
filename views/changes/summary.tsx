// What a reviewer asks first, in one row of numbers; each leads to where it is told in full. What is not
// known is said, and is never 0.

import type { ChangeAction, ChangeItem } from '#domain/changes/change.ts'
import { numberOr, rateInWords } from '#views/forecasts/words.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { Figures, type Figure } from '#views/parts/panel.tsx'
import type { ChangePageProps } from './change-page.tsx'
import { problemsOf, stops } from './checks.tsx'
import type { ImpactShown } from './impact.tsx'
import { ACTION_WORDS } from './words.tsx'

export const Summary = ({ whole, verdicts, impact }: ChangePageProps) => (
  <div class="standing">
    <Figures
      label="The change in numbers"
      figures={[
        {
          label: 'Items',
          value: formatNumber(whole.items.length),
          note: actionsOf(whole.items),
          href: '#items',
        },
        ...(impact === null ? [] : [noiseOf(impact), coverageOf(impact)]),
        testsOf(verdicts),
        checksOf(whole.items),
      ]}
    />
  </div>
)

/** `add 40, change 3`. */
function actionsOf(items: readonly ChangeItem[]): string {
  const counts = new Map<ChangeAction, number>()
  for (const { action } of items) counts.set(action, (counts.get(action) ?? 0) + 1)
  const [only] = counts.keys()
  if (counts.size === 1) return ACTION_WORDS[only!]
  return [...counts].map(([action, n]) => `${ACTION_WORDS[action]} ${formatNumber(n)}`).join(', ')
}

function noiseOf({ impact: { backtest, total, isStale } }: ImpactShown): Figure {
  const figure = { label: 'Matches a day', href: '#impact' }
  if (backtest === null) return { ...figure, value: 'unknown', note: 'targets were not asked yet' }
  if (isStale) return { ...figure, value: 'unknown', note: 'asked for other bytes' }
  const { perDayAfter, perDayBefore, unknown } = total
  const known = unknown === 0 ? '' : `, ${count(unknown, 'item')} unknown`
  return {
    ...figure,
    value: rateInWords(perDayAfter),
    note: `${rateInWords(perDayBefore)} now${known}`,
  }
}

function coverageOf({ impact: { coverage } }: ImpactShown): Figure {
  const gained = coverage.gained.length
  const lost = coverage.lost.length
  return {
    label: 'Techniques',
    value: gained === 0 && lost === 0 ? 'same' : `+${gained} −${lost}`,
    note: lost === 0 ? 'none loses its cover' : `${count(lost, 'technique')} would lose cover`,
    href: '#impact',
  }
}

function testsOf({ rules, passed, failed }: ChangePageProps['verdicts']): Figure {
  const figure = { label: 'Tests', href: '#tests' }
  if (rules === 0) return { ...figure, value: 'none', note: 'no text is written' }
  const open = rules - passed - failed
  const left = [
    ...(failed > 0 ? [`${formatNumber(failed)} failed`] : []),
    ...(open > 0 ? [`${formatNumber(open)} without a verdict`] : []),
  ]
  return {
    ...figure,
    value: formatNumber(passed),
    unit: `of ${numberOr(rules)}`,
    note: left.length === 0 ? 'rules passed theirs' : left.join(', '),
  }
}

function checksOf(items: readonly ChangeItem[]): Figure {
  const found = problemsOf(items)
  const open = found.filter(stops).length
  const waived = found.filter(({ waiver }) => waiver !== undefined).length
  return {
    label: 'Checks',
    value: open === 0 ? 'passed' : formatNumber(open),
    note: [
      ...(open > 0 ? ['stop it'] : []),
      waived > 0 ? `${formatNumber(waived)} let pass by name` : 'nothing was let pass',
    ].join(', '),
    href: '#checks',
  }
}
