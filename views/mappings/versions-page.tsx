// The versions of a mapping: what was in force when, by whom and why.

import type { MappingSummary } from '#domain/mappings/mapping.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Button } from '#views/parts/button.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Panel } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { TargetHead, type TargetHeadProps } from '#views/targets/target-head.tsx'

export interface MappingVersionsProps extends TargetHeadProps {
  readonly mapping: string
  readonly versions: readonly MappingSummary[]
  readonly next: string | null
  readonly isFirst: boolean
  /** Revision of the draft. */
  readonly over: number
  readonly names: ReadonlyMap<Actor, string>
  readonly mayEdit: boolean
}

const COLUMNS = [
  { label: 'Version' },
  { label: 'Why' },
  { label: 'By' },
  { label: 'When' },
  { label: 'Acts', isLabelHidden: true },
]

export const MappingVersionsPage = (props: MappingVersionsProps) => {
  const { versions, mapping, names, next, isFirst, over, mayEdit } = props
  const path = `${mapping}/versions`
  return (
    <>
      <TargetHead {...props} />
      <Panel title="Versions" id="versions">
        {versions.length === 0 ? (
          <Empty icon="history" title="No version yet">
            A mapping that is put in force is kept here, with who did it and why.
          </Empty>
        ) : (
          <Table label="Versions, newest first" columns={COLUMNS} isStacked>
            {versions.map((one) => (
              <tr data-row>
                <th scope="row">{one.number}</th>
                <td class="wrap break cell-wide">
                  <CellLabel>Why</CellLabel>
                  <Foreign text={one.reason} />
                </td>
                <td class="wrap break cell-wide">
                  <CellLabel>By</CellLabel>
                  {describeActor(one.createdBy, names)}
                </td>
                <td class="nowrap">
                  <Time at={one.createdAt} />
                </td>
                <td class="nowrap">
                  {mayEdit && (
                    <form method="post" action={path} class="inline">
                      <input type="hidden" name="over" value={String(over)} />
                      <input type="hidden" name="version" value={String(one.number)} />
                      <Button size="s" kind="quiet">
                        Take into the draft
                      </Button>
                    </form>
                  )}
                </td>
              </tr>
            ))}
          </Table>
        )}
        <Pager
          shown={`${versions.length} shown`}
          first={isFirst ? null : path}
          next={
            next === null ? null : `${path}?${new URLSearchParams({ cursor: next }).toString()}`
          }
        />
      </Panel>
    </>
  )
}
