// Whom a directory tells of, and which groups: what it made of them here, and who has no account and why.

import type { ToldPerson, Standing } from '#domain/identity/directory.ts'
import type { ToldGroup } from '#domain/identity/scim-directory-store.ts'
import type { Role } from '#domain/access/permission.ts'
import { Badge, Avatar } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { FilterSelect, SearchBox } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head, Tabs } from '#views/parts/panel.tsx'
import { CellLabel, Pager, Table } from '#views/parts/table.tsx'
import { Foreign, Num, Time } from '#views/parts/text.tsx'
import { ROLE_WORDS } from './role-fields.tsx'

/** The faces of a directory; `path` is `…/directory`. */
export const DirectoryTabs = ({ path, at }: { path: string; at: '' | '/people' | '/groups' }) => (
  <Tabs
    label="Directory"
    tabs={[
      { label: 'Set-up', href: path, isCurrent: at === '' },
      { label: 'People', href: `${path}/people`, isCurrent: at === '/people' },
      { label: 'Groups', href: `${path}/groups`, isCurrent: at === '/groups' },
    ]}
  />
)

export interface ToldShown {
  readonly path: string
  readonly filter: { readonly q: string; readonly standing: string | null }
  readonly people: readonly ToldPerson[]
  readonly count: number
  readonly first: string | null
  readonly next: string | null
}

const COLUMNS = [
  { label: 'Person' },
  { label: 'Here' },
  { label: 'Groups' },
  { label: 'Changed there' },
]

export const ToldPeoplePage = ({ shown }: { shown: ToldShown }) => (
  <>
    <Head title="People of the directory" />
    <DirectoryTabs path={shown.path} at="/people" />
    <div class="stack">
      <form
        class="filters"
        action={`${shown.path}/people`}
        method="get"
        role="search"
        aria-label="Filter people"
      >
        <SearchBox label="Name or e-mail" name="q" maxlength={200} value={shown.filter.q} />
        <FilterSelect
          name="standing"
          label="Who"
          value={shown.filter.standing}
          options={[
            ['', 'Everybody'],
            ['active', 'Active there'],
            ['apart', 'Active, without an account here'],
            ['left', 'Left'],
          ]}
        />
        <Button size="s" icon="list-filter">
          Filter
        </Button>
      </form>
      <section class="panel" aria-label="People">
        {shown.people.length === 0 ? (
          <NobodyTold shown={shown} />
        ) : (
          <Table label="People by user name" columns={COLUMNS} isStacked>
            {shown.people.map((told) => (
              <ToldRow told={told} />
            ))}
          </Table>
        )}
        <Pager
          shown={count(shown.count, 'person', 'people')}
          first={shown.first}
          next={shown.next}
          words={['First page', 'More']}
        />
      </section>
    </div>
  </>
)

const NobodyTold = ({ shown: { filter, path } }: { shown: ToldShown }) =>
  filter.q === '' && filter.standing === null ? (
    <Empty
      icon="users"
      title="The directory has told of nobody"
      actions={<LinkButton href={path}>Set it up</LinkButton>}
    >
      People appear here with the first sync.
    </Empty>
  ) : (
    <Empty
      icon="search"
      title="Nobody here fits the filter"
      actions={<LinkButton href={`${path}/people`}>Show everybody</LinkButton>}
    >
      The filter looks at user names, names and e-mail addresses.
    </Empty>
  )

const ToldRow = ({ told: { person, groups, standing } }: { told: ToldPerson }) => (
  <tr>
    <th scope="row" class="wrap">
      <span class="who">
        <Avatar name={person.displayName ?? person.userName} />
        <span class="who-words">
          <Foreign text={person.displayName ?? person.userName} class="break" />
          <Foreign text={person.email ?? person.userName} class="muted small break" />
        </span>
      </span>
    </th>
    <td class="wrap cell-wide">
      <StandingCell standing={standing} />
    </td>
    <td class="wrap small cell-wide">
      <CellLabel>Groups</CellLabel>
      {groups.length === 0 ? (
        <span class="muted">none</span>
      ) : (
        <Foreign text={wordsOf(groups)} class="break" />
      )}
    </td>
    <td class="nowrap">
      <CellLabel>Changed there</CellLabel>
      <Time at={person.changedAt} />
    </td>
  </tr>
)

const GROUPS_SHOWN = 3

function wordsOf(groups: readonly string[]): string {
  const more = groups.length - GROUPS_SHOWN
  const some = groups.slice(0, GROUPS_SHOWN).join(', ')
  return more > 0 ? `${some} and ${more} more` : some
}

const StandingCell = ({ standing }: { standing: Standing }) => {
  if (standing.kind === 'left') return <Badge>Left</Badge>
  if (standing.kind === 'member') {
    return (
      <>
        {ROLE_WORDS[standing.role][0]} <Foreign text={standing.by} class="muted small break" />
      </>
    )
  }
  return (
    <>
      <Badge tone="warn">No account</Badge> <span class="small">{standing.why}</span>
    </>
  )
}

export interface ToldGroupsShown {
  readonly path: string
  readonly q: string
  readonly groups: readonly (ToldGroup & { readonly role: Role | null })[]
  readonly first: string | null
  readonly next: string | null
}

const GROUP_COLUMNS = [
  { label: 'Group' },
  { label: 'Gives' },
  { label: 'People', isNumber: true },
  { label: 'Changed there' },
]

export const ToldGroupsPage = ({ shown }: { shown: ToldGroupsShown }) => (
  <>
    <Head title="Groups of the directory" />
    <DirectoryTabs path={shown.path} at="/groups" />
    <div class="stack">
      <form
        class="filters"
        action={`${shown.path}/groups`}
        method="get"
        role="search"
        aria-label="Filter groups"
      >
        <SearchBox label="Name" name="q" maxlength={200} value={shown.q} />
        <Button size="s" icon="list-filter">
          Filter
        </Button>
      </form>
      <section class="panel" aria-label="Groups">
        {shown.groups.length === 0 ? (
          <Empty
            icon={shown.q === '' ? 'users' : 'search'}
            title={
              shown.q === '' ? 'The directory has told of no group' : 'No group fits the filter'
            }
          >
            Push the groups that give roles here; people without one get the default role.
          </Empty>
        ) : (
          <Table label="Groups by name" columns={GROUP_COLUMNS} isStacked>
            {shown.groups.map(({ group, members, role }) => (
              <tr>
                <th scope="row" class="wrap">
                  <Foreign text={group.displayName} class="break" />
                </th>
                <td>
                  <CellLabel>Gives</CellLabel>
                  {role === null ? <span class="muted">no role</span> : ROLE_WORDS[role][0]}
                </td>
                <td class="num">
                  <CellLabel>People</CellLabel>
                  <Num value={members} />
                </td>
                <td class="nowrap">
                  <CellLabel>Changed there</CellLabel>
                  <Time at={group.changedAt} />
                </td>
              </tr>
            ))}
          </Table>
        )}
        <Pager
          shown={shown.q === '' ? 'By name' : 'Those that fit, by name'}
          first={shown.first}
          next={shown.next}
          words={['First page', 'More']}
        />
      </section>
    </div>
  </>
)
