// Backups of the instance: newest first, what opens each, and one more now.

import type { Backup } from '#domain/backups/backup.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { hx, hxLive } from '#views/parts/hx.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { Table } from '#views/parts/table.tsx'
import { Bytes, Foreign, Time } from '#views/parts/text.tsx'

export interface BackupsShown {
  /** Newest first. */
  readonly backups: readonly Backup[]
  /** Key id of the master secret in force: an older one opens what was made before. */
  readonly mkId: string
  readonly folder: string
  readonly schedule: string
  readonly keep: number
  readonly mayCreate: boolean
}

/** More are in the folder and not on the page. */
const SHOWN_MAX = 15

const COLUMNS = [
  { label: 'Made' },
  { label: 'File' },
  { label: 'Size', isNumber: true },
  { label: 'Audit entries', isNumber: true },
  { label: 'Opens with' },
]

export const BackupsPanel = ({ shown }: { shown: BackupsShown }) => (
  <div id="backups" {...hxLive('/instance', ['job'])}>
    <Panel
      title="Backups"
      id="backup-list"
      sub={`${count(shown.backups.length, 'file')}, the newest ${shown.keep} of the schedule are kept`}
      action={shown.mayCreate ? <BackUpNow /> : undefined}
      foot={`Schedule ${shown.schedule} (UTC), into ${shown.folder}. Restore with rulewright backup restore, beside a stopped server.`}
    >
      {shown.backups.length === 0 ? (
        <PanelBody>
          <Notice tone="warn" title="There is no backup yet.">
            Each is encrypted, and counts only once a trial restore has proven it. It never holds
            the master secret: keep that elsewhere, nothing opens a backup without it.
          </Notice>
        </PanelBody>
      ) : (
        <Table label="Backups, newest first" columns={COLUMNS} isStacked>
          {shown.backups.slice(0, SHOWN_MAX).map((backup) => (
            <Row backup={backup} mkId={shown.mkId} />
          ))}
        </Table>
      )}
    </Panel>
  </div>
)

const BackUpNow = () => (
  <form
    method="post"
    action="/instance/backups"
    {...hx({ post: '/instance/backups', swap: 'none' })}
  >
    <Button size="s" icon="archive" id="back-up-now">
      Back up now
    </Button>
  </form>
)

const Row = ({ backup, mkId }: { backup: Backup; mkId: string }) => (
  <tr>
    <th scope="row" class="nowrap">
      <Time at={backup.createdAt} />
    </th>
    <td class="break">
      <Foreign text={nameOf(backup.file)} class="mono" />{' '}
      {!backup.isScheduled && <Badge>by hand</Badge>}
    </td>
    <td class="num">
      <Bytes value={backup.sizeBytes} />
    </td>
    <td class="num">{formatNumber(backup.auditSize)}</td>
    <td class="nowrap">
      {backup.mkId === mkId ? (
        'the secret in force'
      ) : (
        <Badge tone="warn">an older secret, {backup.mkId}</Badge>
      )}
    </td>
  </tr>
)

const nameOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1)
