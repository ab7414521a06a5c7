// One entry as facts, in the timeline and on its own page, with the links that look for more of the same.

import type { Actor } from '#kernel/actor.ts'
import type { Instant } from '#kernel/time.ts'
import type { AuditFilter, AuditItem, AuditOutcome } from '#platform/audit/list.ts'
import { describeActor } from '#views/parts/actor.tsx'
import type { Tone } from '#views/parts/badge.tsx'
import { formatNumber } from '#views/parts/format.ts'
import type { IconName } from '#views/parts/icons.ts'
import type { Fact } from '#views/parts/panel.tsx'
import { ExactTime } from '#views/parts/text.tsx'

export const OUTCOME_MARKS: Readonly<Record<AuditOutcome, readonly [IconName, Tone | undefined]>> =
  {
    done: ['check', undefined],
    refused: ['lock', 'warn'],
    failed: ['circle-x', 'bad'],
  }

export const Who = ({ item }: { item: AuditItem }) => (
  <bdi>{item.personal?.name ?? describeActor(item.actor as Actor)}</bdi>
)

/** `path` is the timeline's. */
export function factsOf(item: AuditItem, path: string): readonly Fact[] {
  const facts: Fact[] = [
    ['Act', <span class="mono break">{item.action}</span>],
    ['Outcome', item.outcome],
    [
      'By',
      <>
        <Who item={item} />{' '}
        <a class="mono break" href={auditUrl(path, { actor: item.actor })}>
          {item.actor}
        </a>
      </>,
    ],
  ]
  if (item.target !== '') {
    const href = auditUrl(path, { target: item.target })
    const link = (
      <a class="mono break" href={href} dir="auto">
        {item.target}
      </a>
    )
    facts.push(['On', link])
  }
  if (item.erased !== null) facts.push(['Name and address', describeErasure(item.erased)])
  if (item.personal?.ip !== undefined) {
    facts.push(['From', <span class="mono">{item.personal.ip}</span>])
  }
  facts.push(
    ['At', <ExactTime at={item.at as Instant} />],
    ['Request', <span class="mono break">{item.requestId}</span>],
    [
      'Place',
      `${formatNumber(item.seq)} in the whole log, ${formatNumber(item.workspaceSeq)} here`,
    ],
  )
  return facts
}

function describeErasure({ by, at }: NonNullable<AuditItem['erased']>) {
  if (by === null || at === null) return 'gone, and no entry says who erased them'
  return (
    <>
      erased <ExactTime at={at as Instant} /> by {describeActor(by as Actor)}
    </>
  )
}

/** Names of the query: `act` and `on`, because `action` and `target` would hide a form's own. */
export function auditUrl(path: string, filter: AuditFilter, before?: number): string {
  const query = new URLSearchParams()
  if (filter.action) query.set('act', filter.action)
  if (filter.actor) query.set('actor', filter.actor)
  if (filter.target) query.set('on', filter.target)
  if (filter.outcome) query.set('outcome', filter.outcome)
  if (filter.since !== undefined) query.set('since', dayOf(filter.since))
  if (filter.until !== undefined) query.set('until', dayOf(filter.until - 1))
  if (before !== undefined) query.set('before', String(before))
  return query.size === 0 ? path : `${path}?${query.toString()}`
}

/** `2026-11-21`, in UTC. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
