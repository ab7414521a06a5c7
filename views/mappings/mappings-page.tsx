// Every target with what it calls things: which have a mapping, and what rules lack there.

import type { MappingState, UnmappedSource } from '#domain/rules/mappings/overview.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head, Panel } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Num, Time, Unknown } from '#views/parts/text.tsx'
import { KindIcon } from '#views/targets/words.tsx'
import { LogSourceName } from './words.tsx'

type Line = MappingState & { readonly kind: string }

export interface MappingsPageProps {
  /** `/w/acme/mappings`. */
  readonly path: string
  /** `/w/acme/targets`. */
  readonly targets: string
  readonly items: readonly Line[]
  readonly unmapped: readonly UnmappedSource[]
  readonly unmappedCount: number
  readonly names: ReadonlyMap<Actor, string>
  readonly first: string | null
  readonly next: string | null
}

export const MappingsPage = (props: MappingsPageProps) => {
  const { items, unmapped, unmappedCount, targets } = props
  const isLooked = items.some(({ survey }) => survey !== undefined)
  return (
    <>
      <Head title="Mappings" actions={<LinkButton href={targets}>Targets</LinkButton>} />
      <div class="stack">
        <section class="panel" aria-label="Mappings">
          {items.length === 0 ? (
            <Empty
              icon="crosshair"
              title="No SIEM yet"
              actions={<LinkButton href={targets}>Targets</LinkButton>}
            >
              A mapping says what a SIEM calls log sources and fields. On the sandbox rules run as
              they are written.
            </Empty>
          ) : (
            <Table label="Mappings of targets" columns={COLUMNS} isStacked>
              {items.map((one) => (
                <TargetLine one={one} {...props} />
              ))}
            </Table>
          )}
          {(props.first ?? props.next) !== null && (
            <Pager shown="" first={props.first} next={props.next} words={['First', 'Next']} />
          )}
        </section>
        {isLooked && (
          <Panel
            title="Log sources without a place"
            id="unmapped"
            sub={count(unmappedCount, 'log source')}
          >
            {unmapped.length === 0 ? (
              <Empty icon="check" title="Every log source has a place">
                Of those that rules name, at every target that was looked at.
              </Empty>
            ) : (
              <Table label="Log sources by rules" columns={SOURCE_COLUMNS} isStacked>
                {unmapped.map((one) => (
                  <SourceLine one={one} path={targets} />
                ))}
              </Table>
            )}
          </Panel>
        )}
      </div>
    </>
  )
}

const COLUMNS = [
  { label: 'Target' },
  { label: 'Mapping' },
  { label: 'Log sources without a place' },
  { label: 'Looked at' },
]

const TargetLine = ({
  one: { target, kind, mapping, draft, survey },
  targets,
  names,
}: MappingsPageProps & { one: Line }) => {
  const path = `${targets}/${target.id}/mapping`
  return (
    <tr>
      <th scope="row" class="wrap">
        <span class="kind-name">
          <KindIcon of={target.kind} />
          <a href={path}>
            <Foreign text={target.name} class="break" />
          </a>
          <span class="muted small">{kind}</span>
        </span>
      </th>
      <td class="wrap cell-wide">
        {mapping === undefined ? (
          <span class="muted">none of its own</span>
        ) : (
          <>
            v{mapping.number}{' '}
            <span class="muted small break">
              <bdi>{describeActor(mapping.createdBy, names)}</bdi> <Time at={mapping.createdAt} />
            </span>
          </>
        )}{' '}
        {draft !== undefined && <Badge tone="accent">Draft</Badge>}
      </td>
      <td>
        {survey === undefined ? (
          <Unknown />
        ) : (
          <a href={`${path}/suggestions`}>
            {survey.found.sources.length} of {survey.found.sourceCount}
            <CellLabel> without a place</CellLabel>
          </a>
        )}
      </td>
      <td class="nowrap">
        {survey === undefined ? (
          <a href={`${path}/suggestions`}>not yet: look</a>
        ) : (
          <Time at={survey.madeAt} />
        )}
      </td>
    </tr>
  )
}

const SOURCE_COLUMNS = [
  { label: 'Log source' },
  { label: 'Rules', isNumber: true },
  { label: 'Targets' },
]
const TARGETS_NAMED = 5

const SourceLine = ({ one, path }: { one: UnmappedSource; path: string }) => (
  <tr>
    <th scope="row" class="wrap">
      <LogSourceName of={one.logsource} />
    </th>
    <td class="num">
      <Num value={one.rules} />
      <CellLabel> rules</CellLabel>
    </td>
    <td class="wrap cell-wide">
      {one.targets.slice(0, TARGETS_NAMED).map(({ id, name }, at) => (
        <>
          {at > 0 && ', '}
          <a href={`${path}/${id}/mapping/suggestions`}>
            <Foreign text={name} class="break" />
          </a>
        </>
      ))}
      {one.targets.length > TARGETS_NAMED && (
        <span class="muted"> and {one.targets.length - TARGETS_NAMED} more</span>
      )}
    </td>
  </tr>
)
