// What hangs on the identity in force and would stop or change with the next one: read before it is promoted.

import type { CredentialSummary } from '#domain/targets/target.ts'
import { count } from '#views/parts/format.ts'
import { Notice } from '#views/parts/notice.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'

const COLUMNS = [{ label: 'Object' }, { label: 'What becomes of it' }]

/** Nothing for a credential that replaces none, or on whose like nothing hangs. */
export const DependantsPanel = ({ of }: { of: CredentialSummary }) => {
  if (of.dependants === null) return null
  const { at, count: all, items, completeness } = of.dependants
  const title =
    of.slot === 'next' ? 'What hangs on the one in force' : 'What hung on the one before'
  return (
    <Panel title={title} sub={<Time at={at} />} id={`dependants-${of.id}`}>
      {completeness.kind !== 'complete' && (
        <PanelBody>
          <Notice tone="unknown" title="This is not all.">
            {completeness.kind === 'partial' ? completeness.reason : completeness.limit}
          </Notice>
        </PanelBody>
      )}
      {all === 0 && completeness.kind === 'complete' && (
        <PanelBody>
          <p class="muted">Nothing: the next one can take over.</p>
        </PanelBody>
      )}
      {all > 0 && (
        <Table label="Objects, and what becomes of each" columns={COLUMNS} isStacked>
          {items.map(({ name, why }) => (
            <tr>
              <th scope="row" class="wrap">
                <Foreign text={name} class="break" />
              </th>
              <td class="wrap cell-wide">
                <Foreign text={why} class="break" />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {all > items.length && (
        <PanelBody>
          <p class="hint">and {count(all - items.length, 'more object')}.</p>
        </PanelBody>
      )}
    </Panel>
  )
}
