// Saved searches: the list, and one with its schedule and what its runs found.

import type { SavedSearch } from '#domain/searches/saved.ts'
import type { Actor } from '#kernel/actor.ts'
import { LANGUAGE_NAMES } from '#kernel/siem.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { count, formatNumber, formatSpan } from '#views/parts/format.ts'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Facts, Head, Panel, PanelBody, type Fact } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { Foreign, NumberedCode, Time } from '#views/parts/text.tsx'
import { SavedForm, type SavedFormProps } from './saved-form.tsx'
import { Line, SearchViews, type SearchesPageProps } from './searches-page.tsx'

const LIST_COLUMNS = [
  { label: 'Name' },
  { label: 'Schedule' },
  { label: 'Next run' },
  { label: 'Targets', isNumber: true },
  { label: 'Whose' },
]

export const SavedListPage = ({
  path,
  items,
  names,
}: {
  path: string
  names: ReadonlyMap<Actor, string>
  items: readonly (SavedSearch & { readonly cadence: string; readonly isMine: boolean })[]
}) => (
  <>
    <Head title="Saved searches" />
    <SearchViews path={path} current="saved" />
    <section class="panel" aria-label="Saved searches">
      {items.length === 0 ? (
        <Empty
          icon="search"
          title="Nothing is saved"
          actions={<LinkButton href={path}>All searches</LinkButton>}
        >
          A search that you save stands here, to be asked again by hand or on a schedule.
        </Empty>
      ) : (
        <Table label="Table of saved searches" columns={LIST_COLUMNS} isStacked>
          {items.map((saved) => (
            <tr>
              <th scope="row" class="wrap">
                <a href={`${path}/saved/${saved.id}`} class="break">
                  <Foreign text={saved.name} />
                </a>{' '}
                <span class="muted small">{LANGUAGE_NAMES[saved.language]}</span>
              </th>
              <td>{saved.cadence}</td>
              <td>
                <NextRun saved={saved} />
              </td>
              <td class="num">
                {formatNumber(saved.targetIds.length)}
                <CellLabel> targets</CellLabel>
              </td>
              <td class="break">
                {saved.isMine ? (
                  <>mine{saved.isShared && ', shared'}</>
                ) : (
                  <bdi>{describeActor(saved.owner, names)}</bdi>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  </>
)

const NextRun = ({ saved }: { saved: SavedSearch }) =>
  saved.nextAt === null ? (
    <span class="muted">{saved.isPaused ? 'paused' : 'by hand'}</span>
  ) : (
    <Time at={saved.nextAt} />
  )

export interface SavedPageProps {
  /** `/w/acme/searches`. */
  readonly path: string
  readonly saved: SavedSearch
  readonly cadence: string
  readonly targets: readonly string[]
  readonly names: ReadonlyMap<Actor, string>
  /** Newest first. */
  readonly runs: SearchesPageProps['items']
  readonly mayChange: boolean
  readonly form: SavedFormProps
}

const RUN_COLUMNS = [
  { label: 'Search' },
  { label: 'Outcome' },
  { label: 'Targets' },
  { label: 'Rows', isNumber: true },
  { label: 'Asked' },
]

export const SavedPage = (props: SavedPageProps) => {
  const { path, saved, runs, mayChange, form } = props
  return (
    <>
      <Head
        title={saved.name}
        badge={
          saved.isPaused ? (
            <Badge icon="clock">Paused</Badge>
          ) : saved.cron === null ? undefined : (
            <Badge tone="ok" icon="clock">
              Scheduled
            </Badge>
          )
        }
        actions={<Acts {...props} />}
        meta={[
          <bdi>{describeActor(saved.owner, props.names)}</bdi>,
          saved.isShared ? 'shared' : 'its owner’s alone',
        ]}
      />
      <div class="stack">
        {saved.note !== null && (
          <Notice tone="warn" title="Schedule">
            {saved.note}
          </Notice>
        )}
        <Panel title="When and what" id="saved">
          <PanelBody>
            <Facts facts={factsOf(props)} />
          </PanelBody>
          <NumberedCode label="The question" text={saved.text} isWrapped />
        </Panel>
        <Panel title="Last runs" id="runs" sub={count(runs.length, 'run')}>
          {runs.length === 0 ? (
            <Empty icon="clock" title="It has not been asked yet">
              What its runs find stands here.
            </Empty>
          ) : (
            <Table label="Table of runs" columns={RUN_COLUMNS} isStacked>
              {runs.map((search) => (
                <Line search={search} path={path} names={props.names} />
              ))}
            </Table>
          )}
        </Panel>
        {mayChange && <SavedForm {...form} />}
      </div>
    </>
  )
}

const Acts = ({ path, saved, mayChange }: SavedPageProps) => {
  const here = `${path}/saved/${saved.id}`
  return (
    <>
      <form method="post" action={`${here}/ask`} class="inline">
        <Button kind="primary">Ask now</Button>
      </form>
      {mayChange && saved.cron !== null && (
        <form method="post" action={here} class="inline">
          <input type="hidden" name="paused" value={saved.isPaused ? 'no' : 'yes'} />
          <Button>{saved.isPaused ? 'Resume' : 'Pause'}</Button>
        </form>
      )}
      {mayChange && (
        <Confirm
          id="remove-saved"
          opener="Remove"
          question={`Remove the saved search ${saved.name}?`}
          consequence="Its schedule ends. What its runs found stays among the searches."
          keep="Keep it"
          verb="Remove"
          path={`${here}/delete`}
        />
      )}
    </>
  )
}

function factsOf({ saved, cadence, targets }: SavedPageProps): readonly Fact[] {
  const { nextAt, missedCount, spanMs, caps, purpose } = saved
  return [
    ['Schedule', saved.cron === null ? cadence : `${cadence}, UTC`],
    ['Next run', nextAt === null ? 'none is planned' : <Time at={nextAt} />],
    ...(saved.cron === null
      ? []
      : ([['Missed', `${formatNumber(missedCount)} since it was set`]] as const)),
    ['Range', `${formatSpan(spanMs)}, up to when it is asked`],
    ['Targets', <bdi class="break">{targets.join(', ')}</bdi>],
    ['At most', `${formatNumber(caps.rows)} rows and ${formatSpan(caps.seconds * 1_000)} a target`],
    ...(purpose === '' ? [] : ([['Why', <span dir="auto">{purpose}</span>]] as const)),
  ]
}
