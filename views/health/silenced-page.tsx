// All that makes deployed rules say less than they would, in one list: who, why, since, until when.

import type { Silenced, SilencedKind } from '#domain/health/silenced.ts'
import { CountHidden, HitsHidden } from '#views/exclusions/hits-hidden.tsx'
import { withQuery } from '#views/parts/address.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { SearchBox } from '#views/parts/field.tsx'
import { clip, count, formatNumber } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time, Unknown } from '#views/parts/text.tsx'

export interface SilencedPageProps {
  /** `/w/acme/silenced`, of the list of rules and of exclusions. */
  readonly path: string
  readonly rules: string
  readonly exclusions: string
  readonly mayCount: boolean
  readonly filter: { readonly kind: SilencedKind | ''; readonly q: string }
  readonly items: readonly Silenced[]
  /** How many stand before the first of them, and in all that can be turned to. */
  readonly offset: number
  readonly listed: number
  /** How many fit the filter. */
  readonly fitting: number
  readonly counts: ReadonlyMap<SilencedKind, number>
  readonly count: number
}

const WORDS = {
  pause: ['Pause', 'Pauses'],
  exclusion: ['Exclusion', 'Exclusions'],
  throttle: ['Throttle', 'Throttles'],
  allow_list: ['Allow list', 'Allow lists'],
  automation: ['Automation', 'Automation'],
  soak: ['Long soak', 'Long soaks'],
  downgrade: ['Downgrade', 'Downgrades'],
} as const satisfies Record<SilencedKind, readonly [one: string, many: string]>

export const SilencedPage = (props: SilencedPageProps) => {
  const { path, filter, items, counts, offset } = props
  const last = offset + items.length
  return (
    <>
      <Head
        title="Silenced"
        meta={[
          'Everything that makes a deployed rule say less than it would, ours and the targets’. Nothing here counts as covered.',
        ]}
      />
      <nav class="views" aria-label="Kinds">
        <a
          href={withQuery(path, { ...filter, kind: '' })}
          aria-current={filter.kind === '' ? 'page' : undefined}
        >
          All <span class="n">{formatNumber(props.count)}</span>
        </a>
        {[...counts].map(([one, value]) => (
          <a
            href={withQuery(path, { ...filter, kind: one })}
            aria-current={filter.kind === one ? 'page' : undefined}
          >
            {WORDS[one][1]} <span class="n">{formatNumber(value)}</span>
          </a>
        ))}
      </nav>
      <section class="panel" aria-label="Silenced">
        <form class="filters" method="get" action={path} role="search" aria-label="Filter">
          <SearchBox label="Words" name="q" value={filter.q} maxlength={200} data-keys="/" />
          {filter.kind !== '' && <input type="hidden" name="kind" value={filter.kind} />}
          <Button size="s">Filter</Button>
        </form>
        {items.length === 0 && props.count > 0 ? (
          <Empty
            icon="list-filter"
            title="Nothing fits"
            actions={<LinkButton href={path}>Show all</LinkButton>}
          >
            Something is silenced, but nothing that the filter leaves.
          </Empty>
        ) : items.length === 0 ? (
          <Empty icon="bell-off" title="Nothing is silenced">
            No exclusion, throttle, pause or allow list that is known here takes anything away from
            a deployed rule.
          </Empty>
        ) : (
          <Table label="Silenced, what ends first first" columns={COLUMNS} isStacked>
            {items.map((one) => (
              <Line one={one} {...props} />
            ))}
          </Table>
        )}
        <Pager
          words={['First', 'Next']}
          shown={
            <span role="status">
              {items.length < props.fitting && `${offset + 1} to ${last} of `}
              {count(props.fitting, 'line')}
            </span>
          }
          first={offset === 0 ? null : withQuery(path, filter)}
          next={last < props.listed ? withQuery(path, { ...filter, from: String(last + 1) }) : null}
        />
      </section>
    </>
  )
}

const COLUMNS = [
  { label: 'What' },
  { label: 'Rules' },
  { label: 'By' },
  { label: 'Since' },
  { label: 'Ends' },
  { label: 'Hits hidden in 30 days' },
]

const RULES_NAMED = 3

const Line = ({ one, rules, exclusions, mayCount }: SilencedPageProps & { one: Silenced }) => (
  <tr>
    <th scope="row" class="wrap">
      <Badge tone={one.isOverdue ? 'bad' : undefined}>
        {one.isOverdue ? `${WORDS[one.kind][0]}, overdue` : WORDS[one.kind][0]}
      </Badge>{' '}
      {one.exclusionId === null ? (
        <Foreign text={clip(one.what, 300)} class="break" />
      ) : (
        <a href={`${exclusions}/${one.exclusionId}`} data-row>
          <Foreign text={clip(one.what, 300)} class="break" />
        </a>
      )}
      {one.why !== null && (
        <div class="muted small break" dir="auto">
          {clip(one.why, 200)}
        </div>
      )}
    </th>
    <td class="wrap">
      <CellLabel>Rules</CellLabel>
      {one.rules.slice(0, RULES_NAMED).map(({ id, title }, index) => (
        <div class="break">
          <a
            href={`${rules}/${id}`}
            data-row={one.exclusionId === null && index === 0 ? '' : undefined}
          >
            <Foreign text={clip(title, 120)} />
          </a>
        </div>
      ))}
      {one.rules.length > RULES_NAMED && (
        <div class="muted small">and {one.rules.length - RULES_NAMED} more</div>
      )}
      {one.targetName !== null && (
        <div class="muted small break" dir="auto">
          {one.targetName}
        </div>
      )}
    </td>
    <td>
      <CellLabel>By</CellLabel>
      {one.by === null ? <Unknown /> : <Foreign text={one.by} class="break" />}
    </td>
    <td class="nowrap">
      <CellLabel>Since</CellLabel>
      {one.since === null ? <Unknown /> : <Time at={one.since} />}
    </td>
    <td class="nowrap">
      <CellLabel>Ends</CellLabel>
      {one.endsAt === null ? <span class="muted">no end</span> : <Time at={one.endsAt} />}
    </td>
    <td>
      <CellLabel>Hits hidden</CellLabel>
      <HitsHidden hidden={one.hidden} />
      {mayCount && one.exclusionId !== null && !one.isOverdue && (
        <CountHidden path={`${exclusions}/${one.exclusionId}`} />
      )}
    </td>
  </tr>
)
