// What is to be known about an exclusion at a glance: its state, what it leaves of its rules, what it
// overlaps with. Each mark is a sentence somewhere; none stands for itself alone.

import type { Exclusion, ExclusionState } from '#domain/rules/exclusions/exclusion.ts'
import type { ExclusionShown } from '#domain/rules/exclusions/looking.ts'
import type { Overlap } from '#domain/rules/exclusions/marks.ts'
import { useAnswer } from '#views/parts/answer.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { clip, count, formatDate } from '#views/parts/format.ts'
import { Time } from '#views/parts/text.tsx'

const STATES = {
  in_force: ['ok', 'In force'],
  overdue: ['bad', 'Overdue'],
  ended: ['unknown', 'Ended'],
} as const satisfies Record<ExclusionState, readonly [Tone, string]>

export const ExclusionStateBadge = ({ of }: { of: Exclusion['state'] }) => {
  const [tone, word] = STATES[of]
  return <Badge tone={tone}>{word}</Badge>
}

export interface Mark {
  readonly tone: Tone
  readonly word: string
  /** What it means, in a sentence. */
  readonly sentence: string
}

/** Worst first. `isEnding`: within two weeks. */
export function marksOf(one: ExclusionShown, isEnding: boolean): readonly Mark[] {
  const { marks, titles, rules, state } = one
  const titleOf = (id: string) => `"${clip(titles.get(id) ?? 'a rule', 80)}"`
  const told: Mark[] = []
  if (state === 'overdue') {
    const sentence = 'Its day has passed, and its rules are still compiled with it.'
    told.push({ tone: 'bad', word: 'Overdue', sentence })
  }
  if (state === 'ended') return told
  for (const id of marks.hides) {
    const sentence = `Hides every match of ${titleOf(id)}: nothing is left to find.`
    told.push({ tone: 'bad', word: 'Hides every match', sentence })
  }
  if (rules.length === 0) {
    const sentence = 'The rules it was over are no longer here.'
    told.push({ tone: 'warn', word: 'Over no rule', sentence })
  }
  if (isEnding && state === 'in_force') {
    const sentence = 'Ends within two weeks.'
    told.push({ tone: 'warn', word: 'Ends soon', sentence })
  }
  const cases = marks.flips.flatMap((flip) => flip.cases)
  if (cases.length > 0) {
    const word = `Turns ${count(cases.length, 'test')}`
    const named = marks.flips.map(({ ruleId, cases: turned }) => {
      return `${turned.map((name) => `"${clip(name, 80)}"`).join(', ')} of ${titleOf(ruleId)}`
    })
    const sentence = `Test cases that come out otherwise because of it: ${named.join('; ')}.`
    told.push({ tone: 'warn', word, sentence })
  }
  for (const { id, how } of marks.overlaps) {
    told.push({ tone: 'warn', word: 'Overlaps', sentence: OVERLAPS[how](titleOf(id)) })
  }
  return told
}

const OVERLAPS: Readonly<Record<Overlap['how'], (title: string) => string>> = {
  within: (title) => `${title} hides all that this one hides.`,
  covers: (title) => `It hides all that ${title} hides.`,
  same_fields: (title) => `${title} is over the same fields of the same rule.`,
}

/** One badge a word; the sentences stand on the page of the exclusion. */
export const Marks = ({ marks }: { marks: readonly Mark[] }) => {
  const words = new Map(marks.map((mark) => [mark.word, mark]))
  return (
    <>
      {[...words.values()].map(({ tone, word, sentence }) => (
        <span title={sentence}>
          <Badge tone={tone}>{word}</Badge>{' '}
        </span>
      ))}
    </>
  )
}

const DAY_MS = 86_400_000

/** It is over with the instant at which the exclusion ends. */
export const LastDay = ({ of: { endsAt, state } }: { of: Exclusion }) => {
  const days = Math.floor((endsAt - useAnswer().now) / DAY_MS)
  return (
    <>
      {formatDate(endsAt - 1)}
      <div class="muted small">
        {state !== 'in_force' ? (
          <Time at={endsAt} />
        ) : days === 0 ? (
          'its last day'
        ) : (
          `${count(days, 'day')} left`
        )}
      </div>
    </>
  )
}
