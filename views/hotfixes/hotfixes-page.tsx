// Hotfixes and broken glass, newest first.

import type { Hotfix } from '#domain/deployments/hotfix.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Time } from '#views/parts/text.tsx'
import { HotfixBadge, KIND_WORDS, ReviewBadge } from './words.tsx'

export interface HotfixesPageProps {
  /** `/w/acme/hotfixes`, and of rules. */
  readonly path: string
  readonly rules: string
  readonly items: readonly Hotfix[]
  readonly names: ReadonlyMap<Actor, string>
  readonly cursor: string | null
  readonly next: string | null
}

const COLUMNS = [
  { label: 'Hotfix' },
  { label: 'State' },
  { label: 'Review' },
  { label: 'By' },
  { label: 'Ends' },
]

export const HotfixesPage = ({ path, items, cursor, next, ...props }: HotfixesPageProps) => (
  <>
    <Head title="Hotfixes" meta={['What runs for hours before it is signed, and ends by itself']} />
    <section class="panel" aria-label="Hotfixes">
      {items.length > 0 ? (
        <Table label="Table of hotfixes" columns={COLUMNS} isStacked>
          {items.map((one) => (
            <tr>
              <th scope="row" class="wrap">
                <a href={`${path}/${one.id}`} class="break" dir="auto">
                  {one.title}
                </a>{' '}
                <span class="muted small">{KIND_WORDS[one.kind]}</span>
              </th>
              <td>
                <HotfixBadge of={one.state} />
              </td>
              <td>
                <ReviewBadge of={one.review} />
              </td>
              <td class="break">
                <CellLabel>By</CellLabel>
                {props.names.get(one.createdBy) ?? describeActor(one.createdBy)}
              </td>
              <td>
                <CellLabel>Ends</CellLabel>
                <Time at={one.endsAt} />
              </td>
            </tr>
          ))}
        </Table>
      ) : (
        <Empty
          icon="clock"
          title="There was no hotfix yet"
          actions={<LinkButton href={props.rules}>Rules</LinkButton>}
        >
          Where the policy allows it, values are left out of a rule or the rule is paused, from its
          face Deployed, for at most 24 hours.
        </Empty>
      )}
      <Pager
        shown={<span role="status">{count(items.length, 'hotfix', 'hotfixes')}</span>}
        first={cursor === null ? null : path}
        next={next === null ? null : `${path}?${new URLSearchParams({ cursor: next }).toString()}`}
      />
    </section>
  </>
)
