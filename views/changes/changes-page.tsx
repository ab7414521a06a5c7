// The changes of a workspace, newest first; the filter stands in the address.

import type { Change } from '#domain/changes/change.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { withQuery } from '#views/parts/address.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { FilterSelect, SearchBox } from '#views/parts/field.tsx'
import { clip, count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { CHANGE_STATE_WORDS, ChangeStateBadge, ORIGIN_WORDS } from './words.tsx'

export const CHANGE_VIEWS = [
  ['', 'Open'],
  ['waiting', 'Waiting for you'],
  ['mine', 'Yours'],
  ['all', 'All'],
] as const
export type ChangeView = (typeof CHANGE_VIEWS)[number][0]

export interface ChangesFilter {
  readonly view: ChangeView
  /** One state; empty for any of the view. */
  readonly state: string
  /** Ids; empty for any. */
  readonly rule: string
  readonly target: string
  /** Words of the title. */
  readonly q: string
}

export interface ChangesPageProps {
  /** `/w/acme/changes`. */
  readonly path: string
  readonly items: readonly Change[]
  readonly names: ReadonlyMap<Actor, string>
  readonly filter: ChangesFilter
  /** The rule that the filter names. */
  readonly ruleTitle: string | null
  readonly targets: readonly { readonly id: string; readonly name: string }[]
  readonly waiting: number
  readonly count: number
  readonly cursor: string | null
  readonly next: string | null
  readonly mayWrite: boolean
}

const COLUMNS = [
  { label: 'Change' },
  { label: 'State' },
  { label: 'Signatures' },
  { label: 'By' },
  { label: 'Changed' },
]

export const ChangesPage = (props: ChangesPageProps) => {
  const { path, items, mayWrite } = props
  return (
    <>
      <Head
        title="Changes"
        actions={
          <>
            <LinkButton href={path.replace(/changes$/, 'hotfixes')}>Hotfixes</LinkButton>
            {mayWrite && (
              <LinkButton kind="primary" icon="plus" href={`${path}/new`} data-keys="n">
                New change
              </LinkButton>
            )}
          </>
        }
      />
      <Views {...props} />
      <section class="panel" aria-label="Changes">
        <FilterBar {...props} />
        {items.length > 0 ? (
          <Table label="Table of changes" columns={COLUMNS} isStacked>
            {items.map((change) => (
              <Line {...props} change={change} />
            ))}
          </Table>
        ) : (
          <NoChanges {...props} />
        )}
        <Pager
          shown={<span role="status">{count(props.count, 'change')}</span>}
          first={props.cursor === null ? null : urlOf(path, props.filter)}
          next={props.next === null ? null : urlOf(path, props.filter, props.next)}
        />
      </section>
    </>
  )
}

const Views = ({ path, filter, waiting }: ChangesPageProps) => (
  <nav class="views" aria-label="Which changes">
    {CHANGE_VIEWS.map(([view, label]) => (
      <a
        href={urlOf(path, { ...filter, view, state: '' })}
        aria-current={view === filter.view ? 'page' : undefined}
      >
        {label}
        {view === 'waiting' && waiting > 0 && <span class="n">{waiting}</span>}
      </a>
    ))}
  </nav>
)

const FilterBar = ({ path, filter, targets, ruleTitle }: ChangesPageProps) => (
  <form class="filters" method="get" action={path} role="search" aria-label="Filter changes">
    <SearchBox label="Words in the title" name="q" value={filter.q} maxlength={200} data-keys="/" />
    {filter.view !== '' && <input type="hidden" name="view" value={filter.view} />}
    <FilterSelect
      name="state"
      label="State"
      value={filter.state}
      options={[['', 'Any state'], ...CHANGE_STATE_WORDS]}
    />
    <FilterSelect
      name="on"
      label="Target"
      value={filter.target}
      options={[['', 'Any target'], ...targets.map(({ id, name }) => [id, name] as const)]}
    />
    {filter.rule !== '' && <input type="hidden" name="rule" value={filter.rule} />}
    <Button size="s">Filter</Button>
    {ruleTitle !== null && (
      <span class="row-s">
        <span class="muted small break">
          of the rule <Foreign text={clip(ruleTitle, 80)} />
        </span>
        <a class="small" href={urlOf(path, { ...filter, rule: '' })}>
          of any rule
        </a>
      </span>
    )}
  </form>
)

export function urlOf(path: string, { target: on, ...others }: ChangesFilter, cursor = ''): string {
  return withQuery(path, { ...others, on, cursor })
}

const Line = ({ change, path, names }: ChangesPageProps & { change: Change }) => (
  <tr>
    <th scope="row" class="wrap">
      <a href={`${path}/${change.id}`} class="break" data-row>
        <Foreign text={clip(change.title, 200)} />
      </a>
      <span class="muted small">
        {' '}
        {count(change.itemCount, 'item')}
        {change.origin !== 'rules' && `, ${ORIGIN_WORDS[change.origin]}`}
      </span>
    </th>
    <td>
      <ChangeStateBadge of={change.state} />
    </td>
    <td class="nowrap">
      <CellLabel>Signatures</CellLabel>
      <SignatureCount change={change} />
    </td>
    <td class="wrap break">
      <bdi>{describeActor(change.createdBy, names)}</bdi>
    </td>
    <td class="nowrap">
      <Time at={change.updatedAt} />
    </td>
  </tr>
)

const SignatureCount = ({ change }: { change: Change }) =>
  change.signaturesNeeded === 0 ? (
    <span class="muted">none needed</span>
  ) : (
    <>
      {change.signatureCount} of {change.signaturesNeeded}
    </>
  )

const NONE: Readonly<Record<ChangeView, readonly [title: string, text: string]>> = {
  '': [
    'No change is open',
    'A change says what is to become of which rules on which targets. Others see what would be written, sign it, and it is deployed and read back.',
  ],
  waiting: [
    'Nothing waits for you',
    'Changes that you may sign, or that you can deploy, stand here.',
  ],
  mine: [
    'You have opened no change',
    'What you open stands here until it is decided, and afterwards.',
  ],
  all: ['No change yet', 'Everything that reaches a target by Rulewright is a change.'],
}

const NoChanges = ({ path, filter, mayWrite }: ChangesPageProps) => {
  const isNarrowed = [filter.state, filter.rule, filter.target, filter.q].some((one) => one !== '')
  const [title, text] = NONE[filter.view]
  return isNarrowed ? (
    <Empty
      icon="list-filter"
      title="No change fits"
      actions={
        <LinkButton href={urlOf(path, { ...NOTHING, view: filter.view })}>
          Clear the filter
        </LinkButton>
      }
    >
      Changes there may be, but none that the filter leaves.
    </Empty>
  ) : (
    <Empty
      icon="git-pull-request"
      title={title}
      actions={
        filter.view === '' && mayWrite ? (
          <LinkButton kind="primary" href={`${path}/new`}>
            New change
          </LinkButton>
        ) : (
          filter.view !== 'all' && (
            <LinkButton href={urlOf(path, { ...NOTHING, view: 'all' })}>All changes</LinkButton>
          )
        )
      }
    >
      {text}
    </Empty>
  )
}

const NOTHING: ChangesFilter = { view: '', state: '', rule: '', target: '', q: '' }
