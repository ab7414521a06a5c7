// The exclusions of a workspace, over all rules: what is hidden, for whom, why and until when.

import type { ExclusionState } from '#domain/rules/exclusions/exclusion.ts'
import type { ExclusionShown } from '#domain/rules/exclusions/looking.ts'
import { LinkButton } from '#views/parts/button.tsx'
import { clip, count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head, Tabs } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Unknown } from '#views/parts/text.tsx'
import { LastDay, Marks, marksOf } from './marks.tsx'

export interface ExclusionsPageProps {
  /** `/w/acme/exclusions`. */
  readonly path: string
  readonly rules: string
  /** Null for those in force and overdue. */
  readonly state: ExclusionState | null
  /** Of one rule alone. */
  readonly of: { readonly id: string; readonly title: string } | null
  readonly items: readonly (ExclusionShown & { readonly isEnding: boolean })[]
  readonly count: number
  readonly cursor: string | null
  readonly next: string | null
  readonly mayWrite: boolean
}

const FACES = [
  [null, 'In force'],
  ['overdue', 'Overdue'],
  ['ended', 'Ended'],
] as const

export const ExclusionsPage = (props: ExclusionsPageProps) => {
  const { path, items, of } = props
  return (
    <>
      <Head
        title="Exclusions"
        actions={
          props.mayWrite && (
            <LinkButton
              kind="primary"
              icon="plus"
              href={`${path}/new${of ? `?rule=${of.id}` : ''}`}
              data-keys="n"
            >
              New exclusion
            </LinkButton>
          )
        }
        meta={[
          'What rules shall not find, each with an owner, a reason and a last day.',
          ...(of === null
            ? []
            : [
                <>
                  Over <a href={`${props.rules}/${of.id}`}>{clip(of.title, 100)}</a>,{' '}
                  <a href={path}>show all</a>
                </>,
              ]),
        ]}
      />
      <Tabs
        label="Exclusions"
        tabs={FACES.map(([state, label]) => ({
          href: addressOf(props, { state }),
          label,
          isCurrent: state === props.state,
        }))}
      />
      {items.length === 0 ? (
        <section class="panel" aria-label="Exclusions">
          <EmptyList {...props} />
        </section>
      ) : (
        <div class="panel">
          <Table
            label="Exclusions"
            isStacked
            columns={[
              { label: 'Excluded' },
              { label: 'Rules' },
              { label: 'Owner' },
              { label: 'Ends' },
              { label: 'Hits hidden' },
            ]}
          >
            {items.map((one) => (
              <Row one={one} {...props} />
            ))}
          </Table>
          <Pager
            shown={count(props.count, 'exclusion')}
            first={props.cursor === null ? null : addressOf(props, {})}
            next={props.next === null ? null : addressOf(props, { cursor: props.next })}
            words={['First', 'Next']}
          />
        </div>
      )}
    </>
  )
}

const RULES_NAMED = 3

const Row = ({
  one,
  path,
  rules,
}: ExclusionsPageProps & { one: ExclusionsPageProps['items'][number] }) => (
  <tr>
    <th scope="row">
      <a href={`${path}/${one.id}`}>
        <Foreign text={one.title} class="break" />
      </a>
      {one.marks.says.map((line) => (
        <div class="small break" dir="auto">
          {line}
        </div>
      ))}
      <div class="muted small break" dir="auto">
        {clip(one.reason, 200)}
      </div>
      <Marks marks={marksOf(one, one.isEnding)} />
    </th>
    <td>
      <CellLabel>Rules</CellLabel>
      {one.rules.length === 0 && <span class="muted">none</span>}
      {one.rules.slice(0, RULES_NAMED).map(({ id, title }) => (
        <div class="break">
          <a href={`${rules}/${id}`}>
            <Foreign text={clip(title, 120)} />
          </a>
        </div>
      ))}
      {one.rules.length > RULES_NAMED && (
        <div class="muted small">and {one.rules.length - RULES_NAMED} more</div>
      )}
    </td>
    <td>
      <CellLabel>Owner</CellLabel>
      <Foreign text={one.owner} class="break" />
    </td>
    <td>
      <CellLabel>Ends</CellLabel>
      <LastDay of={one} />
    </td>
    <td>
      <CellLabel>Hits hidden</CellLabel>
      <Unknown />
    </td>
  </tr>
)

const EmptyList = ({ state, of, path, mayWrite }: ExclusionsPageProps) => {
  if (state === 'overdue') {
    return (
      <Empty icon="circle-check" title="Nothing is overdue">
        Each exclusion whose day has passed takes no part any more.
      </Empty>
    )
  }
  if (state === 'ended') {
    return (
      <Empty icon="history" title="None has ended">
        An exclusion that ended keeps its texts and reasons here.
      </Empty>
    )
  }
  return (
    <Empty
      icon="eye-off"
      title={of === null ? 'Nothing is excluded' : 'Nothing is excluded from this rule'}
      actions={
        mayWrite && (
          <LinkButton href={`${path}/new${of ? `?rule=${of.id}` : ''}`}>New exclusion</LinkButton>
        )
      }
    >
      When a rule finds what is known and harmless, exclude exactly that: over named rules, with a
      reason and a last day. The rule itself stays as it is.
    </Empty>
  )
}

function addressOf(
  { path, of, state: shown }: ExclusionsPageProps,
  { state = shown, cursor }: { state?: ExclusionState | null; cursor?: string },
): string {
  const query = new URLSearchParams()
  if (of !== null) query.set('rule', of.id)
  if (state !== null) query.set('state', state)
  if (cursor !== undefined) query.set('cursor', cursor)
  return query.size === 0 ? path : `${path}?${query.toString()}`
}
