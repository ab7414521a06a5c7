// The sandbox of a workspace: what it holds, what came in, what its rules told, and the newest events.

import type { EventImport, EventTotals, LocalAlert, StoredEvent } from '#domain/events/port.ts'
import { Badge, type Tone } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Field, SearchBox } from '#views/parts/field.tsx'
import { clip, count, formatBytes, formatNumber } from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Figures, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Pager } from '#views/parts/table.tsx'
import { ExactTime, Foreign, Time } from '#views/parts/text.tsx'
import { eventsUrl, type EventSearch } from './address.ts'
import { EventTree, summaryOf } from './event-tree.tsx'

export interface EventsPageProps {
  /** `/w/acme/events`. */
  readonly path: string
  readonly totals: EventTotals
  readonly imports: readonly EventImport[]
  readonly alerts: readonly LocalAlert[]
  readonly events: readonly StoredEvent[]
  readonly next: string | null
  readonly isFirst: boolean
  readonly search: EventSearch
  readonly mayWrite: boolean
  readonly refusal: string | null
}

export const EventsPage = (props: EventsPageProps) => {
  const { path, totals, mayWrite, refusal } = props
  const isEmpty = totals.eventCount === 0
  return (
    <>
      <Head
        title="Sandbox"
        meta={['Events for samples and tests, in a file of this workspace', 'Times are UTC']}
        {...(mayWrite && !isEmpty ? { actions: <Acts path={path} totals={totals} /> } : {})}
      />
      <div class="stack">
        {refusal !== null && (
          <Notice tone="bad" title="Nothing was kept.">
            {refusal}
          </Notice>
        )}
        <Shown {...props} />
        {mayWrite && <Send path={path} />}
      </div>
    </>
  )
}

/** Fetches itself again when something came in. */
export const Shown = (props: EventsPageProps) => {
  const { path, totals, imports, alerts, search } = props
  return (
    <div class="stack" id="sandbox" {...hxLive(eventsUrl(path, search), ['event'])}>
      {totals.eventCount > 0 && <Numbers totals={totals} />}
      {alerts.length > 0 && <Alerts alerts={alerts} total={totals.alertCount} />}
      <Events {...props} />
      {imports.length > 0 && <Imports imports={imports} />}
    </div>
  )
}

const Numbers = ({ totals }: { totals: EventTotals }) => (
  <Figures
    label="What is here"
    figures={[
      { label: 'Events', value: formatNumber(totals.eventCount) },
      { label: 'Alerts', value: formatNumber(totals.alertCount), note: 'by deployed rules' },
      { label: 'Size', value: formatBytes(totals.fileBytes), note: 'on the disk, packed' },
      {
        label: 'Newest',
        value: totals.newestAt === null ? '—' : <Time at={totals.newestAt} />,
        note: totals.oldestAt === null ? '' : <OldestNote at={totals.oldestAt} />,
      },
    ]}
  />
)

const OldestNote = ({ at }: { at: NonNullable<EventTotals['oldestAt']> }) => (
  <>
    oldest <Time at={at} />
  </>
)

const ALERTS_SHOWN = 10

const Alerts = ({ alerts, total }: { alerts: readonly LocalAlert[]; total: number }) => (
  <Panel title="Alerts" sub={count(total, 'alert')} id="alerts">
    <ol class="rows">
      {alerts.slice(0, ALERTS_SHOWN).map((alert) => (
        <li>
          <ExactTime at={alert.at} class="muted small mono" />
          <span class="grow break">
            <Foreign text={alert.title} />
            <br />
            <bdi dir="auto" class="muted small">
              {clip(fieldsInWords(alert), 160)}
            </bdi>
          </span>
        </li>
      ))}
    </ol>
  </Panel>
)

function fieldsInWords({ fields }: LocalAlert): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}

const Events = (props: EventsPageProps) => {
  const { path, totals, events, next, isFirst, search, mayWrite } = props
  const isSearch = search.text !== '' || search.field !== ''
  if (totals.eventCount === 0) {
    return (
      <Panel>
        <Empty
          icon="database"
          title="No events here yet"
          {...(mayWrite ? { actions: <Samples path={path} /> } : {})}
        >
          Send a file, or load the sample events: a quiet day of a company with an attack in it,
          which the starter rules find.
        </Empty>
      </Panel>
    )
  }
  return (
    <Panel
      title="Events"
      id="events"
      foot={
        <Pager
          shown={`${count(events.length, 'event')}${isFirst ? ', newest first' : ''}`}
          first={isFirst ? null : eventsUrl(path, search)}
          next={next === null ? null : eventsUrl(path, search, next)}
        />
      }
    >
      <PanelBody>
        <form class="filters" action={path} method="get" role="search" aria-label="Find events">
          <SearchBox label="Text in a value" name="q" value={search.text} maxlength={500} />
          <input
            class="input input-s filter-field"
            name="field"
            value={search.field}
            placeholder="In the field"
            aria-label="In the field"
            maxlength={200}
          />
          <Button size="s">Find</Button>
          {isSearch && (
            <LinkButton href={path} size="s">
              All
            </LinkButton>
          )}
        </form>
      </PanelBody>
      {events.length === 0 ? (
        <Empty icon="search" title="No event has that">
          Case does not count, and a part of a value is enough.
        </Empty>
      ) : (
        <ol class="rows">
          {events.map((event) => (
            <li>
              <EventRow event={event} />
            </li>
          ))}
        </ol>
      )}
    </Panel>
  )
}

const EventRow = ({ event }: { event: StoredEvent }) => (
  <details class="grow event">
    <summary>
      <ExactTime at={event.at} class="muted small mono" />
      <span class="muted small event-source">{event.logSource || 'no log source'}</span>
      <br />
      <bdi dir="auto" class="mono small break">
        {clip(summaryOf(event.event), 200)}
      </bdi>
    </summary>
    <EventTree value={event.event} />
  </details>
)

const STATES: Readonly<Record<EventImport['state'], readonly [Tone, string]>> = {
  running: ['accent', 'being read'],
  done: ['ok', 'read'],
  failed: ['bad', 'failed'],
  cancelled: ['unknown', 'cancelled'],
}

const Imports = ({ imports }: { imports: readonly EventImport[] }) => (
  <Panel title="Imports" id="imports">
    <ol class="rows">
      {imports.map((one) => (
        <li>
          <span class="grow break">
            <Foreign text={one.name} />
            <br />
            <span class="muted small">
              {count(one.eventCount, 'event')}, {one.format}, {formatBytes(one.sizeBytes)}
              {one.untimedCount > 0 && `, ${formatNumber(one.untimedCount)} without a time`}
              {one.logSource !== '' && `, ${one.logSource}`}
            </span>
            {one.reason !== null && <p class="small">{one.reason}</p>}
            {one.state === 'running' && (
              <>
                {' '}
                <progress max={one.sizeBytes || 1} value={one.doneBytes} aria-label="Read so far" />
              </>
            )}
            <BadLines of={one} />
          </span>
          <Badge tone={one.badCount > 0 && one.state === 'done' ? 'warn' : STATES[one.state][0]}>
            {STATES[one.state][1]}
          </Badge>
          <Time at={one.startedAt} class="muted small" />
        </li>
      ))}
    </ol>
  </Panel>
)

const BAD_LINES_SHOWN = 20

const BadLines = ({ of: { badCount, badLines } }: { of: EventImport }) => {
  if (badCount === 0) return <></>
  const shown = badLines.slice(0, BAD_LINES_SHOWN)
  const more = badCount - shown.length
  return (
    <details class="small">
      <summary>{count(badCount, 'line')} could not be read</summary>
      <ul>
        {shown.map(({ line, reason }) => (
          <li class="break">
            Line {line} <bdi>{clip(reason, 200)}</bdi>
          </li>
        ))}
        {more > 0 && <li>and {formatNumber(more)} more</li>}
      </ul>
    </details>
  )
}

const Send = ({ path }: { path: string }) => (
  <form method="post" action={`${path}/imports`} enctype="multipart/form-data" data-upload="">
    <Panel title="Bring events" id="bring">
      <PanelBody>
        <Field
          name="logSource"
          label="Log source of all events"
          hint="As product=windows,category=process_creation. Empty: what each event says."
        >
          {(attributes) => <input {...attributes} class="input mono" maxlength={500} />}
        </Field>
        <Field
          name="files"
          label="Files: choose them or drop them here"
          hint="NDJSON, JSON, CSV, Windows event XML, evtx-dump JSON or syslog, each also as .gz; up to 1 GB together. Larger ones come by the command events import."
        >
          {(attributes) => (
            <input {...attributes} class="input drop" type="file" multiple required />
          )}
        </Field>
        <div class="row">
          <Button kind="primary">Bring in</Button>
        </div>
        <div class="row" role="status" data-upload-status=""></div>
      </PanelBody>
    </Panel>
  </form>
)

const Samples = ({ path }: { path: string }) => (
  <form method="post" action={`${path}/samples`}>
    <Button>Load sample events</Button>
  </form>
)

const Acts = (props: { path: string; totals: EventTotals }) => (
  <>
    <Samples path={props.path} />
    <DeleteAll {...props} />
  </>
)

const DeleteAll = ({ path, totals }: { path: string; totals: EventTotals }) => (
  <Confirm
    id="delete-events"
    opener="Delete all"
    question="Delete all events of the sandbox?"
    consequence={`${count(totals.eventCount, 'event')} and ${count(totals.alertCount, 'alert')} go for good, with the list of imports. Deployed rules stay.`}
    keep="Keep them"
    verb="Delete all"
    path={`${path}/deletion`}
  />
)
