// The directory of a provider: what it is told of us, the tokens it comes in with, what it tells of, and
// how its last requests went.

import type { TellsOf } from '#domain/identity/directory.ts'
import type { Preset } from '#domain/identity/provider.ts'
import type { DirectoryRequest } from '#domain/identity/scim-requests.ts'
import type { ScimToken } from '#domain/identity/scim-token.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Field, type FieldProblems } from '#views/parts/field.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Facts, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { Code, Foreign, Time } from '#views/parts/text.tsx'
import { DirectoryTabs } from './directory-lists.tsx'

export interface DirectoryShown {
  readonly path: string
  readonly address: string
  readonly preset: Preset
  readonly tells: TellsOf
  /** Newest first. */
  readonly requests: readonly DirectoryRequest[]
  readonly tokens: readonly ScimToken[]
  readonly mayManage: boolean
  readonly networks: string
  readonly problems: FieldProblems
}

export const DirectoryPage = ({ shown }: { shown: DirectoryShown }) => (
  <>
    <Head title="Directory" />
    <DirectoryTabs path={shown.path} at="" />
    <div class="split">
      <div class="stack">
        <Tokens shown={shown} />
        <Requests shown={shown} />
      </div>
      <div class="stack">
        <Tells shown={shown} />
        <Panel title="What you enter at the provider" id="registered">
          <PanelBody>
            <div class="stack">
              <p class="small muted">{WORDS[shown.preset].address}</p>
              <Code label={WORDS[shown.preset].address} text={shown.address} />
              <p class="small">{WORDS[shown.preset].token}</p>
              <p class="small">{WORDS[shown.preset].last}</p>
              <p class="small muted">
                Whoever the directory takes away loses their membership, sessions and tokens at
                once. <a href="/docs/provisioning">Step by step for Okta and Entra ID</a>
              </p>
            </div>
          </PanelBody>
        </Panel>
      </div>
    </div>
  </>
)

interface Words {
  readonly address: string
  readonly token: string
  readonly last: string
}

const OTHERS: Words = {
  address: 'Address (SCIM 2.0 base URL)',
  token: 'The token goes into the header: Authorization: Bearer, a space, and the token.',
  last: 'Push users and groups. People are named by their user name, groups by their name.',
}

// What each provider calls the fields.
const WORDS: Readonly<Record<Preset, Words>> = {
  okta: {
    address: 'SCIM connector base URL',
    token: 'Unique identifier field for users: userName. Authentication: HTTP Header, the token.',
    last: 'Under To App, enable Create, Update and Deactivate; then assign people and push groups.',
  },
  entra: {
    address: 'Tenant URL',
    token: 'Provisioning mode: Automatic. The token is the Secret Token. Test the connection.',
    last: 'Assign people and groups, and start provisioning. Entra ID syncs every 40 minutes.',
  },
  google: OTHERS,
  generic: OTHERS,
}

const Tells = ({ shown: { tells, path } }: { shown: DirectoryShown }) => (
  <Panel title="What it tells of" id="tells">
    <PanelBody>
      {tells.people + tells.groups === 0 ? (
        <p class="muted">Nobody yet. People and groups appear here with the first sync.</p>
      ) : (
        <Facts
          facts={[
            ['People', <a href={`${path}/people`}>{count(tells.people, 'person', 'people')}</a>],
            [
              'Without an account',
              <a href={`${path}/people?standing=apart`}>{formatNumber(tells.apart)}</a>,
            ],
            ['Left', <a href={`${path}/people?standing=left`}>{formatNumber(tells.left)}</a>],
            ['Groups', <a href={`${path}/groups`}>{count(tells.groups, 'group')}</a>],
          ]}
        />
      )}
    </PanelBody>
  </Panel>
)

const REQUEST_COLUMNS = [{ label: 'When' }, { label: 'Request' }, { label: 'Answer' }]

const Requests = ({ shown: { requests } }: { shown: DirectoryShown }) => (
  <Panel title="Last requests" id="requests" sub="since the program started">
    {requests.length === 0 ? (
      <Empty icon="clock" title="The directory has not asked anything yet">
        Once it has the address and a token, its test of the connection is the first to stand here.
      </Empty>
    ) : (
      <Table label="Requests, newest first" columns={REQUEST_COLUMNS} isStacked>
        {requests.map(({ at, method, path, status, problem }) => (
          <tr>
            <th scope="row" class="nowrap">
              <Time at={at} />
            </th>
            <td class="wrap cell-wide">
              <CellLabel>Request</CellLabel>
              <Foreign text={`${method} ${path}`} class="mono small break" />
            </td>
            <td class="wrap cell-wide">
              <CellLabel>Answer</CellLabel>
              {problem === null ? (
                <span class="muted">{status}</span>
              ) : (
                <>
                  <Badge tone={status === 404 ? undefined : 'bad'}>{status}</Badge>{' '}
                  <Foreign text={problem} class="small break" />
                </>
              )}
            </td>
          </tr>
        ))}
      </Table>
    )}
  </Panel>
)

const COLUMNS = [
  { label: 'Made' },
  { label: 'Ends' },
  { label: 'Last used' },
  { label: 'Acts', isLabelHidden: true },
]

const Tokens = ({ shown }: { shown: DirectoryShown }) => (
  <Panel title="Tokens" id="tokens">
    {shown.tokens.length > 0 && (
      <Table label="Tokens of the directory" columns={COLUMNS} isStacked>
        {shown.tokens.map((token) => (
          <TokenRow token={token} shown={shown} />
        ))}
      </Table>
    )}
    {shown.mayManage && shown.tokens.length < 2 && (
      <PanelBody>
        <form method="post" action={shown.path} class="stack">
          <Field
            name="networks"
            label="Only from these networks"
            hint="Addresses or networks such as 203.0.113.0/24. Empty: from anywhere."
            problems={shown.problems}
          >
            {(attributes) => (
              <input {...attributes} class="input mono" value={shown.networks} spellcheck={false} />
            )}
          </Field>
          <div class="row">
            <Button icon="plus">
              {shown.tokens.length === 0 ? 'Make a token' : 'Make the next token'}
            </Button>
          </div>
        </form>
      </PanelBody>
    )}
  </Panel>
)

const TokenRow = ({ token, shown }: { token: ScimToken; shown: DirectoryShown }) => (
  <tr>
    <th scope="row">
      <Time at={token.createdAt} />
      {token.networks.length > 0 && (
        <span class="muted small mono break"> only from {token.networks.join(', ')}</span>
      )}
    </th>
    <td class="nowrap">
      <CellLabel>Ends</CellLabel>
      <Time at={token.expiresAt} />
    </td>
    <td class="nowrap">
      <CellLabel>Last used</CellLabel>
      {token.usedAt === null ? <span class="muted">never used</span> : <Time at={token.usedAt} />}
    </td>
    <td>
      {shown.mayManage && (
        <Confirm
          id={`end-${token.id}`}
          opener="Take away"
          button={{ size: 's' }}
          question="Take this token away?"
          consequence="The directory that uses it is refused from the next request on."
          keep="Keep it"
          verb="Take away"
          path={`${shown.path}/end`}
          fields={{ token: token.id }}
        />
      )}
    </td>
  </tr>
)

export interface MadeDirectoryToken {
  readonly text: string
  readonly address: string
  readonly path: string
}

export const DirectoryTokenPage = ({ made }: { made: MadeDirectoryToken }) => (
  <>
    <Head title="Token of the directory" />
    <Panel title="Copy it now" id="made">
      <PanelBody>
        <div class="stack">
          <p>It is shown this once, and ends in a year.</p>
          <Code label="Token" text={made.text} />
          <Code label="Address (SCIM 2.0 base URL)" text={made.address} />
          <div class="row">
            <LinkButton href={made.path}>Done</LinkButton>
          </div>
        </div>
      </PanelBody>
    </Panel>
  </>
)
