// The audit log of a workspace: who did what, newest first, by day. Each entry opens to everything that
// was recorded.

import type { Actor } from '#kernel/actor.ts'
import type { Instant } from '#kernel/time.ts'
import type { AuditShown } from '#domain/audit/actions.ts'
import type { AuditFilter, AuditItem, AuditOutcome } from '#platform/audit/list.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { FilterChip, Select } from '#views/parts/field.tsx'
import { count, formatClock, formatDay, formatNumber } from '#views/parts/format.ts'
import { hx } from '#views/parts/hx.tsx'
import { Icon } from '#views/parts/icon.tsx'
import type { IconName } from '#views/parts/icons.ts'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Facts, Head, type Fact } from '#views/parts/panel.tsx'
import { Pager } from '#views/parts/table.tsx'
import { Code, ExactTime, Time } from '#views/parts/text.tsx'
import { describeAction } from './words.ts'

export interface AuditPageProps {
  /** `/w/acme/audit`. */
  readonly path: string
  readonly filter: AuditFilter
  /** Where this page begins; null for the newest. */
  readonly before: number | null
  readonly shown: AuditShown
  readonly mayVerify: boolean
}

export const AuditPage = (props: AuditPageProps) => {
  const { shown } = props
  const { checkpoint } = shown
  return (
    <>
      <Head
        title="Audit"
        badge={<ChainBadge shown={shown} />}
        actions={props.mayVerify ? <VerifyNow /> : undefined}
        meta={[
          count(shown.count, 'entry', 'entries'),
          checkpoint === null ? (
            'No checkpoint is signed yet'
          ) : (
            <>
              <span>Last signed checkpoint</span> <Time at={checkpoint.at as Instant} />
              <span>over {count(checkpoint.size, 'entry', 'entries')}</span>
            </>
          ),
          'Times are UTC',
        ]}
      />
      <div class="stack">
        {shown.broken !== null && (
          <Notice tone="bad" title="The log contradicts what was signed before.">
            At entry {formatNumber(shown.broken.seq)}: {shown.broken.message}. Reading works;
            nothing can be changed until whoever runs this instance decides.{' '}
            <code>rulewright audit verify</code> says more.
          </Notice>
        )}
        <Filters {...props} />
        <section class="panel" aria-label="Entries">
          {shown.items.length === 0 ? <NoEntries {...props} /> : <Days items={shown.items} />}
          <Pager
            shown={describeShown(props)}
            first={props.before === null ? null : auditUrl(props.path, props.filter)}
            next={shown.before === null ? null : auditUrl(props.path, props.filter, shown.before)}
          />
        </section>
      </div>
    </>
  )
}

const VerifyNow = () => (
  <form
    method="post"
    action="/instance/audit/checks"
    {...hx({ post: '/instance/audit/checks', swap: 'none' })}
  >
    <Button icon="shield-check">Verify the whole log</Button>
  </form>
)

// At start the tail is walked and compared with the checkpoints kept outside; a break found then or
// later stops every write.
const ChainBadge = ({ shown: { broken } }: { shown: AuditShown }) =>
  broken === null ? (
    <Badge tone="ok" icon="shield-check">
      Chain unbroken
    </Badge>
  ) : (
    <Badge tone="bad" icon="shield-alert">
      Broken at entry {formatNumber(broken.seq)}
    </Badge>
  )

const OUTCOMES = [
  ['', 'Any outcome'],
  ['done', 'Done'],
  ['refused', 'Refused'],
  ['failed', 'Failed'],
] as const

const Filters = ({ path, filter }: AuditPageProps) => (
  <form class="filters" action={path} method="get" role="search" aria-label="Filter entries">
    <input
      class="input input-s filter-q"
      name="act"
      maxlength={64}
      aria-label="Act, such as job or job.cancel"
      placeholder="Act, such as job.cancel"
      value={filter.action ?? ''}
    />
    <Select
      class="input input-s"
      name="outcome"
      aria-label="Outcome"
      value={filter.outcome ?? ''}
      options={OUTCOMES}
    />
    {filter.actor !== undefined && <input type="hidden" name="actor" value={filter.actor} />}
    <Button size="s" icon="list-filter">
      Filter
    </Button>
    {filter.actor !== undefined && (
      <FilterChip
        field="person"
        value={filter.actor}
        without={auditUrl(path, { ...filter, actor: undefined })}
      />
    )}
  </form>
)

const NoEntries = ({ path, shown }: AuditPageProps) =>
  shown.count === 0 ? (
    <Empty icon="shield-check" title="Nothing was recorded yet">
      Every act of a person, a token, a job or Rulewright itself is recorded here, refused ones too.
      Entries are chained, so that none can be changed or removed unseen.
    </Empty>
  ) : (
    <Empty
      icon="list-filter"
      title="No entry here matches"
      actions={<LinkButton href={path}>Clear the filter</LinkButton>}
    >
      {shown.before === null
        ? 'The whole log was looked through.'
        : 'Older entries were not looked at yet: go on with Older.'}
    </Empty>
  )

const Days = ({ items }: { items: readonly AuditItem[] }) => (
  <>
    {[...Map.groupBy(items, (item) => formatDay(item.at))].map(([day, ofDay]) => (
      <>
        <h2 class="day">{day}</h2>
        <ol class="aes">
          {ofDay.map((item) => (
            <Entry item={item} />
          ))}
        </ol>
      </>
    ))}
  </>
)

const MARKS: Readonly<Record<AuditOutcome, readonly [IconName, Tone | undefined]>> = {
  done: ['check', undefined],
  refused: ['lock', 'warn'],
  failed: ['circle-x', 'bad'],
}

const Entry = ({ item }: { item: AuditItem }) => {
  const [icon, tone] = MARKS[item.outcome]
  return (
    <li class="ae">
      <ExactTime at={item.at as Instant} class="ae-t mono">
        {formatClock(item.at)}
      </ExactTime>
      <span class="tl-mark" data-tone={tone}>
        <Icon name={icon} />
      </span>
      <details class="ae-b ae-d">
        <summary>
          <span>
            {describeAction(item.action, item.outcome)}
            {item.target !== '' && (
              <>
                {' '}
                <bdi class="mono muted break">{item.target}</bdi>
              </>
            )}
          </span>
          <span class="ae-m muted small">
            <Who item={item} />
            <span class="mono faint">#{item.workspaceSeq}</span>
            <Icon name="chevron-down" size="s" />
          </span>
        </summary>
        <div class="proof">
          <Facts facts={factsOf(item)} />
          <Code label={`Recorded data of entry ${item.workspaceSeq}`} text={dataText(item)} />
        </div>
      </details>
    </li>
  )
}

const Who = ({ item }: { item: AuditItem }) => {
  return <bdi>{item.personal?.name ?? describeActor(item.actor as Actor)}</bdi>
}

function factsOf(item: AuditItem): readonly Fact[] {
  const facts: Fact[] = [
    ['Act', <span class="mono">{item.action}</span>],
    ['Outcome', item.outcome],
    ['By', <span class="mono">{item.actor}</span>],
  ]
  if (item.erased !== null) facts.push(['Name and address', 'erased on request'])
  if (item.personal?.ip !== undefined) {
    facts.push(['From', <span class="mono">{item.personal.ip}</span>])
  }
  facts.push(
    ['At', <ExactTime at={item.at as Instant} />],
    ['Request', <span class="mono">{item.requestId}</span>],
    [
      'Place',
      `${formatNumber(item.seq)} in the whole log, ${formatNumber(item.workspaceSeq)} here`,
    ],
  )
  return facts
}

const dataText = (item: AuditItem): string => JSON.stringify(item.data, null, 2)

function describeShown({ shown, filter }: AuditPageProps): string {
  const isFiltered = Object.values(filter).some((value) => value !== undefined)
  const found = count(shown.items.length, 'entry', 'entries')
  return isFiltered ? `${found} that match` : `${found} of ${formatNumber(shown.count)}`
}

/** `act`, not `action`: a control of that name would hide the form's own. */
export function auditUrl(path: string, filter: AuditFilter, before?: number): string {
  const query = new URLSearchParams()
  if (filter.action) query.set('act', filter.action)
  if (filter.actor) query.set('actor', filter.actor)
  if (filter.outcome) query.set('outcome', filter.outcome)
  if (before !== undefined) query.set('before', String(before))
  return query.size === 0 ? path : `${path}?${query.toString()}`
}
