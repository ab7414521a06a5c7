// One target: how it is and why, what the last check found, and what it holds.

import type { HealthFacts } from '#domain/targets/health.ts'
import type { HealthChange, TargetSchema } from '#domain/targets/target.ts'
import type { Privilege } from '#domain/targets/port.ts'
import { Badge } from '#views/parts/badge.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { hxLive } from '#views/parts/hx.tsx'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Facts, Panel, PanelBody, type Fact } from '#views/parts/panel.tsx'
import { Table } from '#views/parts/table.tsx'
import { Foreign, Time, Unknown } from '#views/parts/text.tsx'
import { TargetHead, type TargetHeadProps } from './target-head.tsx'
import { HealthBadge } from './words.tsx'

/** The whole page is one part that fetches itself after a check. */
export const TargetPage = (props: TargetHeadProps & { changes: readonly HealthChange[] }) => {
  const { path, target, health, changes } = props
  const { facts } = health
  return (
    <div id="target-overview" {...hxLive(path, [`target-${target.id}`])}>
      <TargetHead {...props} />
      <div class="stack">
        {health.state !== 'healthy' && health.reason !== '' && (
          <Notice
            tone={
              health.state === 'degraded' ? 'warn' : health.state === 'unknown' ? 'unknown' : 'bad'
            }
            title={health.reason}
          />
        )}
        {facts.notices.slice(1).map((notice) => (
          <Notice tone="warn" title={notice} />
        ))}
        <Panel title="Last check" id="facts">
          <PanelBody>
            <Facts facts={factsOf(props)} />
          </PanelBody>
        </Panel>
        {changes.length > 0 && <Changes of={changes} />}
      </div>
    </div>
  )
}

const CHANGE_COLUMNS = [{ label: 'Since' }, { label: 'Health' }, { label: 'Why' }]

const Changes = ({ of }: { of: readonly HealthChange[] }) => (
  <Panel title="How it was before" sub="Each change of its health" id="changes">
    <Table label="Changes of its health, newest first" columns={CHANGE_COLUMNS} isStacked>
      {of.map(({ at, state, reason }) => (
        <tr>
          <th scope="row" class="nowrap">
            <Time at={at} />
          </th>
          <td class="nowrap">
            <HealthBadge of={state} />
          </td>
          <td class="wrap cell-wide">
            <Foreign text={reason} class="break" />
          </td>
        </tr>
      ))}
    </Table>
  </Panel>
)

function factsOf({ target, health }: TargetHeadProps): readonly Fact[] {
  const { product, version, identity, clockSkewMs } = health.facts
  return [
    [
      'Checked',
      health.checkedAt === null ? <Unknown>never</Unknown> : <Time at={health.checkedAt} />,
    ],
    ['So since', <Time at={health.since} />],
    ['Product', product === null ? <Unknown /> : <Foreign text={product} />],
    ['Version', version === null ? <Unknown /> : <Foreign text={version} />],
    ['Signed in as', identity === null ? <Unknown /> : <Foreign text={identity} />],
    ['Its clock', clockSkewMs === null ? <Unknown /> : skewWords(clockSkewMs)],
    ['Searches at a time', String(target.concurrency)],
    ['Checked every', target.checkMinutes === 1 ? 'minute' : `${target.checkMinutes} minutes`],
  ]
}

function skewWords(ms: number): string {
  const seconds = Math.abs(ms) / 1_000
  if (seconds < 1) return 'agrees with this server'
  return `${formatNumber(seconds)} s ${ms > 0 ? 'ahead of' : 'behind'} this server`
}

type Found = HealthFacts['privileges']['read']

export const PrivilegesPage = (props: TargetHeadProps) => {
  const { read, write } = props.health.facts.privileges
  return (
    <>
      <TargetHead {...props} />
      <div class="stack">
        <PrivilegePanel title="For reading" id="reading" found={read} />
        <PrivilegePanel title="For writing" id="writing" found={write} />
      </div>
    </>
  )
}

const COLUMNS = [
  { label: 'Privilege' },
  { label: 'Held' },
  { label: 'What for' },
  { label: 'What to do' },
]

const PrivilegePanel = (props: { title: string; id: string; found: Found }) => {
  const { title, id, found } = props
  if (found === null) {
    return (
      <Panel title={title} id={id}>
        <Empty icon="lock" title="Not known">
          A check with a credential for this tells what it may do, what it lacks, and what it holds
          beyond need.
        </Empty>
      </Panel>
    )
  }
  const { needed, excess, completeness } = found
  return (
    <Panel title={title} id={id}>
      {completeness.kind !== 'complete' && (
        <PanelBody>
          <Notice tone="unknown" title="This is not all.">
            {completeness.kind === 'partial' ? completeness.reason : completeness.limit}
          </Notice>
        </PanelBody>
      )}
      <Table label={`${title}: needed and excess`} columns={COLUMNS} isStacked>
        {needed.map((one) => (
          <PrivilegeRow one={one} isExcess={false} />
        ))}
        {excess.map((one) => (
          <PrivilegeRow one={one} isExcess />
        ))}
      </Table>
    </Panel>
  )
}

const PrivilegeRow = ({ one, isExcess }: { one: Privilege; isExcess: boolean }) => (
  <tr>
    <th scope="row" class="wrap mono break">
      {one.name}
    </th>
    <td class="nowrap">
      {isExcess ? (
        <Badge tone="warn">beyond need</Badge>
      ) : one.isHeld === null ? (
        <Badge tone="unknown">unknown</Badge>
      ) : one.isHeld ? (
        <Badge tone="ok">held</Badge>
      ) : (
        <Badge tone="bad">missing</Badge>
      )}
    </td>
    <td class="wrap cell-wide">{one.why}</td>
    <td class="wrap cell-wide">{isExcess || one.isHeld !== true ? one.fix : ''}</td>
  </tr>
)

const TABLES_SHOWN = 200
const COLUMNS_SHOWN = 12

export const SchemaPage = (props: TargetHeadProps & { schema: TargetSchema | undefined }) => {
  const { schema } = props
  const tables = schema?.answer.tables ?? []
  return (
    <>
      <TargetHead {...props} />
      {schema === undefined ? (
        <section class="panel" aria-label="Schema">
          <Empty icon="database" title="Not asked yet">
            A check that finds the target well also asks which indexes or tables it has.
          </Empty>
        </section>
      ) : (
        <Panel title={count(tables.length, 'table')} sub={<Time at={schema.at} />} id="tables">
          {schema.answer.completeness.kind !== 'complete' && (
            <PanelBody>
              <Notice tone="unknown" title="The target did not tell all." />
            </PanelBody>
          )}
          <Table label="Tables" columns={TABLE_COLUMNS} isStacked>
            {tables.slice(0, TABLES_SHOWN).map(({ name, columns, lastSeenAt }) => (
              <tr>
                <th scope="row" class="wrap mono break">
                  <Foreign text={name} />
                </th>
                <td class="wrap small break">
                  {columns
                    .slice(0, COLUMNS_SHOWN)
                    .map((column) => column.name)
                    .join(', ')}
                  {columns.length > COLUMNS_SHOWN && ` and ${columns.length - COLUMNS_SHOWN} more`}
                </td>
                <td class="nowrap">
                  {lastSeenAt === null ? <Unknown /> : <Time at={lastSeenAt} />}
                </td>
              </tr>
            ))}
          </Table>
          {tables.length > TABLES_SHOWN && (
            <PanelBody>
              <p class="hint">The first {TABLES_SHOWN} are shown.</p>
            </PanelBody>
          )}
        </Panel>
      )}
    </>
  )
}

const TABLE_COLUMNS = [{ label: 'Table' }, { label: 'Columns' }, { label: 'Newest event' }]
