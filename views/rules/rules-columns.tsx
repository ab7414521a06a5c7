// The columns that a list of rules can have beside the names. A person picks among them; the address
// says which.

import type { Standing } from '#domain/placements/placement.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import type { Child } from 'hono/jsx'
import { Chip, Level } from '#views/parts/badge.tsx'
import { clip } from '#views/parts/format.ts'
import { Foreign, Time } from '#views/parts/text.tsx'
import { PlacementMark, standingInWords } from '#views/deployments/words.tsx'
import type { ColumnName } from './address.ts'
import { RuleStateBadge, techniquesOf, TestsMark } from './marks.tsx'

interface RuleColumn {
  readonly label: string
  readonly class: string
  readonly sort?: 'level' | 'updatedAt'
  /** `path` is the list's, `where` the targets that the rule stands on. */
  readonly cell: (rule: RuleSummary, path: string, where: readonly Standing[]) => Child
}

const TECHNIQUES_SHOWN = 1
const TARGETS_SHOWN = 4
const TEXT_CHARS = 200

const Clipped = ({ text }: { text: string | null }) =>
  text === null || text === '' ? (
    <span class="muted">none</span>
  ) : (
    <Foreign class="clip" text={clip(text, TEXT_CHARS)} />
  )

const Techniques = ({ tags, path }: { tags: readonly string[]; path: string }) => {
  const techniques = techniquesOf(tags)
  return (
    <span class="row-s row-1">
      {techniques.slice(0, TECHNIQUES_SHOWN).map((id) => (
        <Chip mono href={`${path}?technique=${id}`}>
          {id}
        </Chip>
      ))}
      {techniques.length > TECHNIQUES_SHOWN && (
        <span class="muted small">+{techniques.length - TECHNIQUES_SHOWN}</span>
      )}
    </span>
  )
}

/** A shape for each target, and how many there are; the names are said, and stand in the title. */
const Where = ({ of, path }: { of: readonly Standing[]; path: string }) =>
  of.length === 0 ? (
    <span class="muted">nowhere</span>
  ) : (
    <a class="states" href={path} title={of.map(standingInWords).join(', ')}>
      {of.slice(0, TARGETS_SHOWN).map((one) => (
        <PlacementMark of={one.state}>
          <span class="vh">{standingInWords(one)}</span>
        </PlacementMark>
      ))}
      {of.length > TARGETS_SHOWN && <span class="small">+{of.length - TARGETS_SHOWN}</span>}
    </a>
  )

function sourceOf({ logsource, kind, format }: RuleSummary): string {
  const { product, category, service } = logsource ?? {}
  const parts = [product, category, service].filter(Boolean)
  return parts.join(' / ') || (kind === 'correlation' ? 'correlation' : format)
}

export const RULE_COLUMNS: Readonly<Record<ColumnName, RuleColumn>> = {
  level: {
    label: 'Level',
    class: 'c-level',
    sort: 'level',
    cell: ({ level }) => (level === null ? <span class="muted">none</span> : <Level of={level} />),
  },
  attack: {
    label: 'ATT&CK',
    class: 'c-tech',
    cell: ({ tags }, path) => <Techniques tags={tags} path={path} />,
  },
  source: {
    label: 'Log source',
    class: 'c-source',
    cell: (rule) => <Clipped text={sourceOf(rule)} />,
  },
  owner: { label: 'Owner', class: 'c-owner', cell: ({ owner }) => <Clipped text={owner} /> },
  group: { label: 'Group', class: 'c-group', cell: ({ group }) => <Clipped text={group} /> },
  status: { label: 'Status', class: 'c-status', cell: ({ status }) => <Clipped text={status} /> },
  state: {
    label: 'State',
    class: 'c-states',
    cell: ({ state }) => <RuleStateBadge of={state} />,
  },
  where: {
    label: 'Where',
    class: 'c-where',
    cell: ({ id }, path, where) => <Where of={where} path={`${path}/${id}/deployed`} />,
  },
  tests: { label: 'Tests', class: 'c-tests', cell: (rule) => <TestsMark rule={rule} /> },
  changed: {
    label: 'Changed',
    class: 'c-upd',
    sort: 'updatedAt',
    cell: ({ version, updatedAt }) => (
      <span class="muted">
        <span class="mono ver">v{version}</span>
        <Time at={updatedAt} />
      </span>
    ),
  },
}
