// The identity providers of somebody's workspaces, and which of them know who they are here.

import type { Connection } from '#domain/identity/connecting.ts'
import { Badge } from '#views/parts/badge.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Head } from '#views/parts/panel.tsx'
import { CellLabel, Table } from '#views/parts/table.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'

export const ConnectionsPage = ({ connections }: { connections: readonly Connection[] }) => (
  <>
    <Head title="Single sign-on" />
    <section class="panel" aria-label="Single sign-on">
      {connections.length === 0 ? (
        <Empty icon="lock" title="No provider">
          None of your workspaces has an identity provider. Its admins add one in its settings.
        </Empty>
      ) : (
        <Table
          label="Identity providers"
          isStacked
          columns={[
            { label: 'Provider' },
            { label: 'Workspace' },
            { label: 'Last used' },
            { label: 'Act', isLabelHidden: true },
          ]}
        >
          {connections.map((connection) => (
            <ConnectionLine connection={connection} />
          ))}
        </Table>
      )}
    </section>
  </>
)

const ConnectionLine = ({ connection }: { connection: Connection }) => {
  const { provider, identity, workspaceName } = connection
  const path = `/account/connections/${provider.id}`
  return (
    <tr>
      <th scope="row" class="wrap">
        <Foreign text={provider.name} />{' '}
        {identity ? <Badge tone="ok">connected</Badge> : <Badge>not connected</Badge>}
        {identity?.email !== undefined && identity.email !== null && (
          <span class="small muted">
            {' '}
            as <Foreign text={identity.email} class="break" />
          </span>
        )}
      </th>
      <td>
        <CellLabel>Workspace</CellLabel>
        <Foreign text={workspaceName} />
      </td>
      <td>
        <CellLabel>Last used</CellLabel>
        {identity && identity.usedAt !== null ? (
          <Time at={identity.usedAt} />
        ) : (
          <span class="muted">never</span>
        )}
      </td>
      <td>
        {identity ? (
          <Confirm
            id={`end-${provider.id}`}
            opener="Disconnect"
            button={{ size: 's' }}
            question={`Disconnect ${provider.name}?`}
            consequence="It no longer lets you in, and what you have open by it ends."
            keep="Keep it"
            verb="Disconnect"
            path={`${path}/end`}
          />
        ) : (
          <LinkButton href={`${path}/begin`} size="s">
            Connect
          </LinkButton>
        )}
      </td>
    </tr>
  )
}
