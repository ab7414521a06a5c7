// The audit log of a workspace: who did what, newest first, by day. Each entry opens to everything that
// was recorded.

import type { Instant } from '#kernel/time.ts'
import type { AuditShown } from '#domain/audit/actions.ts'
import type { AuditFilter, AuditItem } from '#platform/audit/list.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { FilterChip, FilterSelect, Select } from '#views/parts/field.tsx'
import { count, formatClock, formatDay, formatNumber } from '#views/parts/format.ts'
import { hx } from '#views/parts/hx.tsx'
import { Icon } from '#views/parts/icon.tsx'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Facts, Head } from '#views/parts/panel.tsx'
import { Pager } from '#views/parts/table.tsx'
import { Code, ExactTime, Time } from '#views/parts/text.tsx'
import { auditUrl, dayOf, factsOf, OUTCOME_MARKS, Who } from './entry.tsx'
import { describeAction } from './words.ts'

export interface AuditPageProps {
  /** `/w/acme/audit`. */
  readonly path: string
  readonly filter: AuditFilter
  /** Where this page begins; null for the newest. */
  readonly before: number | null
  readonly shown: AuditShown
  readonly may: { readonly verify: boolean; readonly export: boolean }
}

export const AuditPage = (props: AuditPageProps) => {
  const { shown } = props
  const { checkpoint } = shown
  return (
    <>
      <Head
        title="Audit"
        badge={<ChainBadge shown={shown} />}
        actions={<Acts {...props} />}
        meta={[
          count(shown.count, 'entry', 'entries'),
          ...(shown.verified === null
            ? []
            : [
                <>
                  <span>Verified</span> <Time at={shown.verified.at as Instant} />
                </>,
              ]),
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
          {shown.items.length === 0 ? <NoEntries {...props} /> : <Days {...props} />}
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

const Acts = ({ path, may }: AuditPageProps) => (
  <>
    {may.export && (
      <form class="inline" method="post" action={`${path}/exports`}>
        <Select
          class="input"
          name="format"
          aria-label="Format of the export"
          value="ndjson"
          options={FORMATS}
        />
        <Button icon="download">Export</Button>
      </form>
    )}
    {may.verify && <VerifyNow />}
  </>
)

const FORMATS = [
  ['ndjson', 'With proofs (NDJSON)'],
  ['csv', 'For a spreadsheet (CSV)'],
] as const

const VerifyNow = () => (
  <form
    method="post"
    action="/instance/audit/checks"
    {...hx({ post: '/instance/audit/checks', swap: 'none' })}
  >
    <Button icon="shield-check">Verify the whole log</Button>
  </form>
)

// Up to the last walk over the whole log that found nothing; a break stops every write from then on.
const ChainBadge = ({ shown: { broken, verified } }: { shown: AuditShown }) => {
  if (broken !== null) {
    return (
      <Badge tone="bad" icon="shield-alert">
        Broken at entry {formatNumber(broken.seq)}
      </Badge>
    )
  }
  if (verified === null) return <Badge tone="unknown">Not verified yet</Badge>
  return (
    <Badge tone="ok" icon="shield-check">
      Chain verified up to entry {formatNumber(verified.size)}
    </Badge>
  )
}

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
    <FilterSelect name="outcome" label="Outcome" value={filter.outcome} options={OUTCOMES} />
    <Day name="since" label="From" at={filter.since} />
    <Day name="until" label="To" at={filter.until === undefined ? undefined : filter.until - 1} />
    {filter.actor !== undefined && <input type="hidden" name="actor" value={filter.actor} />}
    {filter.target !== undefined && <input type="hidden" name="on" value={filter.target} />}
    <Button size="s" icon="list-filter">
      Filter
    </Button>
    {filter.actor !== undefined && (
      <FilterChip
        field="by"
        value={filter.actor}
        without={auditUrl(path, { ...filter, actor: undefined })}
      />
    )}
    {filter.target !== undefined && (
      <FilterChip
        field="on"
        value={filter.target}
        without={auditUrl(path, { ...filter, target: undefined })}
      />
    )}
  </form>
)

const Day = ({ name, label, at }: { name: string; label: string; at: number | undefined }) => (
  <label class="filter-day">
    <span>{label}</span>
    <input
      class="input input-s"
      type="date"
      name={name}
      value={at === undefined ? '' : dayOf(at)}
    />
  </label>
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
        ? 'Everything the filter can be in was looked through.'
        : 'Older entries were not looked at yet: go on with Older.'}
    </Empty>
  )

const Days = ({ path, shown: { items } }: AuditPageProps) => (
  <>
    {[...Map.groupBy(items, (item) => formatDay(item.at))].map(([day, ofDay]) => (
      <>
        <h2 class="day">{day}</h2>
        <ol class="aes">
          {ofDay.map((item) => (
            <Entry item={item} path={path} />
          ))}
        </ol>
      </>
    ))}
  </>
)

const Entry = ({ item, path }: { item: AuditItem; path: string }) => {
  const [icon, tone] = OUTCOME_MARKS[item.outcome]
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
            <span class="mono faint">#{item.seq}</span>
            <Icon name="chevron-down" size="s" />
          </span>
        </summary>
        <div class="proof">
          <Facts facts={factsOf(item, path)} />
          <Code label={`Recorded data of entry ${item.seq}`} text={dataText(item)} />
          <p>
            <a href={`${path}/${item.seq}`}>Entry {formatNumber(item.seq)} and its proof</a>
          </p>
        </div>
      </details>
    </li>
  )
}

const dataText = (item: AuditItem): string => JSON.stringify(item.data, null, 2)

function describeShown({ shown, filter }: AuditPageProps): string {
  const isFiltered = Object.values(filter).some((value) => value !== undefined)
  const found = count(shown.items.length, 'entry', 'entries')
  return isFiltered ? `${found} that match` : `${found} of ${formatNumber(shown.count)}`
}
