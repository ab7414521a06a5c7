// Everybody of the instance, and one of them, for an owner.

import type { ListedPerson, PeoplePage as People } from '#domain/access/people.ts'
import type { Membership } from '#domain/access/person.ts'
import { Avatar, Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Field, FilterSelect, SearchBox, type FieldProblems } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Empty, Notice } from '#views/parts/notice.tsx'
import { Facts, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Pager, Table } from '#views/parts/table.tsx'
import { ExactTime, Foreign, Time, Unknown } from '#views/parts/text.tsx'
import { ROLE_WORDS } from '#views/settings/role-fields.tsx'

export interface PeopleShown {
  readonly path: string
  readonly filter: { readonly q: string; readonly state: ListedPerson['state'] | null }
  readonly isFirst: boolean
  readonly people: People
}

const STATES = [
  ['', 'Any state'],
  ['active', 'Active'],
  ['suspended', 'Suspended'],
  ['erased', 'Erased'],
] as const

const COLUMNS = [{ label: 'Person' }, { label: 'State' }, { label: 'Since' }]

export const PeoplePage = ({ shown }: { shown: PeopleShown }) => {
  const { path, filter, people } = shown
  return (
    <>
      <Head
        title="People"
        meta={['Everybody who has an account here', 'Admins of a workspace invite people into it']}
      />
      <div class="stack">
        <form class="filters" action={path} method="get" role="search" aria-label="Filter people">
          <SearchBox label="Name or e-mail" name="q" maxlength={200} value={filter.q} />
          <FilterSelect name="state" label="State" value={filter.state} options={STATES} />
          <Button size="s" icon="list-filter">
            Filter
          </Button>
        </form>
        <section class="panel" aria-label="People">
          {people.items.length === 0 ? (
            <Empty
              icon="search"
              title="Nobody fits the filter"
              actions={<LinkButton href={path}>Show everybody</LinkButton>}
            >
              The filter looks at names, e-mail addresses and states.
            </Empty>
          ) : (
            <Table label="People by name" columns={COLUMNS} isStacked>
              {people.items.map((user) => (
                <PersonRow user={user} path={path} />
              ))}
            </Table>
          )}
          <Pager
            shown={count(people.count, 'person', 'people')}
            first={shown.isFirst ? null : peopleUrl(path, filter)}
            next={people.next === null ? null : peopleUrl(path, filter, people.next)}
            words={['First page', 'More']}
          />
        </section>
      </div>
    </>
  )
}

const PersonRow = ({ user, path }: { user: ListedPerson; path: string }) => (
  <tr>
    <th scope="row" class="wrap">
      <a class="who" href={`${path}/${user.id}`}>
        <Avatar name={user.name} />
        <span class="who-words">
          <Foreign text={user.name} class="break" />
          <Foreign text={user.email ?? 'no address'} class="muted small break" />
        </span>
      </a>
    </th>
    <td>
      <States user={user} />
    </td>
    <td class="nowrap">
      <Time at={user.createdAt} />
    </td>
  </tr>
)

const States = ({ user }: { user: ListedPerson }) => (
  <span class="row-s">
    {user.isOwner && <Badge tone="accent">Owner</Badge>}
    {user.state === 'active' && <Badge>Active</Badge>}
    {user.state === 'suspended' && <Badge tone="bad">Suspended</Badge>}
    {user.state === 'erased' && <Badge tone="unknown">Erased</Badge>}
  </span>
)

export interface PersonPageShown {
  readonly user: ListedPerson
  readonly memberships: readonly Membership[]
  /** `/instance/people/usr_…`. */
  readonly path: string
  readonly isSelf: boolean
  /** Why the last act was not done. */
  readonly refusal: string | null
  /** Of the form for another address. */
  readonly problems: FieldProblems
}

export const PersonPage = ({ shown }: { shown: PersonPageShown }) => {
  const { user } = shown
  return (
    <>
      <Head
        title={user.name}
        badge={<States user={user} />}
        meta={[<Foreign text={user.email ?? 'no address'} class="break" />]}
      />
      <div class="split">
        <div class="stack">
          {shown.refusal !== null && (
            <div role="alert">
              <Notice tone="warn" title="Not done.">
                {shown.refusal}
              </Notice>
            </div>
          )}
          <Workspaces memberships={shown.memberships} />
          {user.state !== 'erased' && <Acts shown={shown} />}
        </div>
        <div class="stack">
          <About user={user} />
          {user.state !== 'erased' && <Address shown={shown} />}
        </div>
      </div>
    </>
  )
}

const IN = [{ label: 'Workspace' }, { label: 'Role' }, { label: 'Beside it' }]

const Workspaces = ({ memberships }: { memberships: readonly Membership[] }) => (
  <Panel title="Workspaces" id="workspaces-of" sub={count(memberships.length, 'workspace')}>
    {memberships.length === 0 ? (
      <PanelBody>
        <p class="muted">In no open workspace. An admin of one can invite them.</p>
      </PanelBody>
    ) : (
      <Table label="Workspaces of this person" columns={IN} isStacked>
        {memberships.map((one) => (
          <tr>
            <th scope="row" class="wrap">
              <Foreign text={one.name} class="break" />
            </th>
            <td>{ROLE_WORDS[one.role][0]}</td>
            <td>{one.flags.join(', ')}</td>
          </tr>
        ))}
      </Table>
    )}
  </Panel>
)

const Acts = ({ shown: { user, path, isSelf } }: { shown: PersonPageShown }) => (
  <Panel title="What an owner can do" id="acts">
    <PanelBody>
      <div class="row">
        {user.state === 'active' && (
          <form method="post" action={`${path}/reset`}>
            <Button>Make a link for a new password</Button>
          </form>
        )}
        {user.state === 'active' && (
          <form method="post" action={`${path}/owner`}>
            <input type="hidden" name="isOwner" value={user.isOwner ? 'no' : 'yes'} />
            <Button>{user.isOwner ? 'No longer an owner' : 'Make an owner'}</Button>
          </form>
        )}
        <LinkButton href={`${path}/export`} icon="download" download>
          Export what is kept about them
        </LinkButton>
      </div>
      {!isSelf && <ActsOnOthers user={user} path={path} />}
      <p class="muted small">
        {isSelf
          ? 'This is you: suspending and erasing is for another owner to do.'
          : 'The person is told of a new link for their password; each act stands in the audit log.'}
      </p>
    </PanelBody>
  </Panel>
)

const ActsOnOthers = ({ user, path }: Pick<PersonPageShown, 'user' | 'path'>) => (
  <div class="row">
    {user.state === 'suspended' ? (
      <form method="post" action={`${path}/suspension`}>
        <Button>Let them in again</Button>
      </form>
    ) : (
      <Confirm
        id="suspend"
        opener="Suspend"
        question={`Suspend ${user.name}?`}
        consequence="They are signed out everywhere and cannot come in, in no workspace and with no token, until an owner lets them in again. Their workspaces and roles stay."
        keep="Keep"
        verb="Suspend"
        path={`${path}/suspension`}
      />
    )}
    <Confirm
      id="sessions"
      opener="Sign out everywhere"
      question={`Sign ${user.name} out everywhere?`}
      consequence="Every session of theirs ends at once. They may come in again."
      keep="Keep"
      verb="Sign out"
      path={`${path}/sessions`}
    />
    <Confirm
      id="factors"
      opener="Remove second factors"
      question={`Remove the second factors of ${user.name}?`}
      consequence="For somebody who lost them: be sure whom you are talking to. Passkeys, authenticator app and recovery codes stop working, a password of fewer than 15 characters with them, every session ends, and the person is told. Workspaces that demand a second factor stay shut until a new one is set up."
      keep="Keep"
      verb="Remove"
      path={`${path}/factors`}
    />
    <Confirm
      id="erase"
      opener="Erase"
      question={`Erase ${user.name} for good?`}
      consequence="Name, e-mail address, network addresses, devices, factors and tokens are deleted, also from the audit log, whose hashes stay valid. Their id stays beside what they did. Backups made before still hold them. This cannot be undone."
      keep="Keep"
      verb="Erase"
      path={`${path}/erasure`}
    />
  </div>
)

const About = ({ user }: { user: ListedPerson }) => (
  <Panel title="Account" id="account">
    <PanelBody>
      <Facts
        facts={[
          ['Since', <ExactTime at={user.createdAt} />],
          [
            'Password',
            user.passwordChangedAt === null ? (
              <Unknown>none</Unknown>
            ) : (
              <Time at={user.passwordChangedAt} />
            ),
          ],
          ['Id', <span class="mono break">{user.id}</span>],
        ]}
      />
    </PanelBody>
  </Panel>
)

/** For somebody who cannot open the link that goes to the new one, or where no mail is sent. */
const Address = ({ shown: { path, problems } }: { shown: PersonPageShown }) => (
  <Panel title="E-mail address" id="address">
    <PanelBody>
      <form method="post" action={`${path}/email`} class="stack">
        <Field
          name="email"
          label="Another address"
          hint="Every session of theirs ends. They are told, at the old address too where mail is sent."
          problems={problems}
        >
          {(attributes) => (
            <input {...attributes} type="email" maxlength={254} required autocomplete="off" />
          )}
        </Field>
        <div class="row">
          <Button>Change the address</Button>
        </div>
      </form>
    </PanelBody>
  </Panel>
)

function peopleUrl(path: string, filter: PeopleShown['filter'], cursor?: string): string {
  const query = new URLSearchParams()
  if (filter.q !== '') query.set('q', filter.q)
  if (filter.state !== null) query.set('state', filter.state)
  if (cursor !== undefined) query.set('cursor', cursor)
  return query.size === 0 ? path : `${path}?${query.toString()}`
}
