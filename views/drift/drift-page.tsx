// Where targets are not as they should be, newest first.

import type { Forgotten } from '#domain/adoption/forgotten.ts'
import type { Drift, DriftKind } from '#domain/deployments/drift.ts'
import { withQuery } from '#views/parts/address.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { FilterSelect, SearchBox } from '#views/parts/field.tsx'
import { clip, count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time, Unknown } from '#views/parts/text.tsx'
import { ForgottenPanel } from './forgotten-panel.tsx'
import { DriftBadge, driftWords } from './words.tsx'

/** What is empty is not narrowed. */
interface DriftFilterShown {
  readonly state: 'found' | 'ended' | 'all'
  readonly target: string
  readonly rule: string
  readonly kind: string
  readonly q: string
}

export interface DriftPageProps {
  /** `/w/acme/drift`, and of targets. */
  readonly path: string
  readonly targets: string
  readonly filter: DriftFilterShown
  /** Targets to choose among. */
  readonly choices: readonly (readonly [id: string, name: string])[]
  readonly items: readonly Drift[]
  readonly count: number
  readonly cursor: string | null
  readonly next: string | null
  readonly forgotten: readonly Forgotten[]
  readonly rules: string
  readonly mayResolve: boolean
}

const VIEWS = [
  ['found', 'Open'],
  ['ended', 'Over'],
  ['all', 'All'],
] as const

const COLUMNS = [
  { label: 'What' },
  { label: 'Target' },
  { label: 'Differs' },
  { label: 'Changed there' },
  { label: 'Found' },
]

export const DriftPage = (props: DriftPageProps) => (
  <>
    <Head
      title="Drift"
      meta={['What stands on a target and is not what is to stand there.']}
      actions={
        props.mayResolve && (
          <form method="post" action={`${props.path}/scan`}>
            <Button kind="primary">Look again now</Button>
          </form>
        )
      }
    />
    <nav class="views" aria-label="Findings">
      {VIEWS.map(([state, label]) => (
        <a
          href={withQuery(props.path, { ...props.filter, state })}
          aria-current={props.filter.state === state ? 'page' : undefined}
        >
          {label}
        </a>
      ))}
    </nav>
    <section class="panel" aria-label="Findings of drift">
      <FilterBar {...props} />
      {props.items.length === 0 ? (
        <Nothing {...props} />
      ) : (
        <Table label="Findings of drift, newest first" columns={COLUMNS} isStacked>
          {props.items.map((one) => (
            <Line one={one} {...props} />
          ))}
        </Table>
      )}
      <Pager
        shown={<span role="status">{count(props.count, 'finding')}</span>}
        first={props.cursor === null ? null : withQuery(props.path, { ...props.filter })}
        next={props.next && withQuery(props.path, { ...props.filter, cursor: props.next })}
      />
    </section>
    {props.forgotten.length > 0 && <ForgottenPanel {...props} />}
  </>
)

const KINDS = [
  ['', 'Any kind'],
  ['changed', 'Changed there'],
  ['missing', 'Gone'],
  ['dependency', 'Another definition'],
] as const satisfies readonly (readonly [DriftKind | '', string])[]

const FilterBar = ({ path, filter, choices }: DriftPageProps) => (
  <form class="filters" method="get" action={path} role="search" aria-label="Filter findings">
    <SearchBox label="Words" name="q" value={filter.q} maxlength={200} data-keys="/" />
    {(['state', 'rule'] as const).map(
      (name) => filter[name] !== '' && <input type="hidden" name={name} value={filter[name]} />,
    )}
    <FilterSelect
      name="target"
      label="Target"
      value={filter.target}
      options={[['', 'Any target'], ...choices]}
    />
    <FilterSelect name="kind" label="Kind" value={filter.kind} options={KINDS} />
    <Button size="s">Filter</Button>
  </form>
)

const Nothing = ({ path, filter, targets }: DriftPageProps) =>
  [filter.target, filter.rule, filter.kind, filter.q].some((one) => one !== '') ? (
    <Empty
      icon="list-filter"
      title="No finding fits"
      actions={
        <LinkButton href={withQuery(path, { state: filter.state })}>Clear the filter</LinkButton>
      }
    >
      Findings there may be, but none that the filter leaves.
    </Empty>
  ) : filter.state === 'found' ? (
    <Empty
      icon="check"
      title="Nothing has drifted"
      actions={<LinkButton href={targets}>Targets</LinkButton>}
    >
      Each reading of a target is compared with what is to stand there. Rules that are no rules of
      yours are listed with their target.
    </Empty>
  ) : (
    <Empty icon="check" title="Nothing was found so far">
      Findings that are over stay here.
    </Empty>
  )

const Line = ({ one, path, targets }: DriftPageProps & { one: Drift }) => (
  <tr>
    <th scope="row" class="wrap">
      <a href={`${path}/${one.id}`} data-row>
        <Foreign text={clip(one.ruleTitle ?? one.name, 200)} class="break" />
      </a>{' '}
      <DriftBadge of={one} />
      {one.notices.map((notice) => (
        <div class="muted small break" dir="auto">
          {clip(notice, 200)}
        </div>
      ))}
    </th>
    <td class="wrap">
      <CellLabel>Target</CellLabel>
      <a href={`${targets}/${one.targetId}/rules`}>
        <Foreign text={one.targetName} class="break" />
      </a>
    </td>
    <td class="wrap small">
      <CellLabel>Differs</CellLabel>
      <span class="break" dir="auto">
        {clip(driftWords(one), 300)}
      </span>
    </td>
    <td class="wrap">
      <CellLabel>Changed there</CellLabel>
      <ChangedThere of={one} />
    </td>
    <td class="nowrap">
      <CellLabel>Found</CellLabel>
      <Time at={one.foundAt} />
    </td>
  </tr>
)

/** Who and when, as far as the target tells. */
export const ChangedThere = ({ of }: { of: Drift }) =>
  of.remoteChangedAt === null && of.remoteChangedBy === null ? (
    <Unknown />
  ) : (
    <>
      {of.remoteChangedAt !== null && <Time at={of.remoteChangedAt} />}
      {of.remoteChangedBy !== null && (
        <>
          {' '}
          by <Foreign text={clip(of.remoteChangedBy, 100)} class="break" />
        </>
      )}
    </>
  )
