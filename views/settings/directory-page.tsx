// The directory of a provider: what it is told of us, and the tokens it comes in with.

import type { ScimToken } from '#domain/identity/scim-token.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Field, type FieldProblems } from '#views/parts/field.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { Code, Time } from '#views/parts/text.tsx'

export interface DirectoryShown {
  readonly path: string
  readonly address: string
  readonly tokens: readonly ScimToken[]
  readonly mayManage: boolean
  readonly networks: string
  readonly problems: FieldProblems
}

export const DirectoryPage = ({ shown }: { shown: DirectoryShown }) => (
  <>
    <Head title="Directory" />
    <div class="split">
      <Tokens shown={shown} />
      <Panel title="What you enter at the provider" id="registered">
        <PanelBody>
          <div class="stack">
            <Code label="Address (SCIM 2.0 base URL)" text={shown.address} />
            <p class="small muted">
              The directory tells who is there and in which groups. Whoever it takes away loses
              their membership, sessions and tokens at once.{' '}
              <a href="/docs/provisioning">Step by step for Okta and Entra ID</a>
            </p>
          </div>
        </PanelBody>
      </Panel>
    </div>
  </>
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
