// One item of a deployment down to the bytes: what stood there before, what was to be written, what was
// read back.

import type { Deployment, DeploymentItem } from '#domain/deployments/deployment.ts'
import type { LineRow } from '#domain/rules/merge/side-by-side.ts'
import type { Json } from '#kernel/json.ts'
import { KIND_NAMES } from '#kernel/siem.ts'
import { ACTION_WORDS } from '#views/changes/words.tsx'
import { SideBySide } from '#views/rules/side-by-side.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Icon } from '#views/parts/icon.tsx'
import { Notice } from '#views/parts/notice.tsx'
import { Facts, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { NumberedCode, Time } from '#views/parts/text.tsx'
import { ItemStateMark } from './words.tsx'

export interface DeployedItemPageProps {
  /** `/w/acme/deployments/dep_…`. */
  readonly path: string
  readonly home: string
  readonly deployment: Deployment
  readonly item: DeploymentItem
  /** What the target gave before and afterwards; null where one of them is missing. */
  readonly rows: readonly LineRow[] | null
  readonly may: { readonly run: boolean }
}

export const DeployedItemPage = (props: DeployedItemPageProps) => {
  const { item, deployment, path, home, rows, may } = props
  const isWritten = item.state === 'done' && !deployment.isDryRun
  return (
    <>
      <Head
        title={item.ruleTitle}
        badge={<ItemStateMark of={item.state} isDryRun={deployment.isDryRun} />}
        actions={may.run && isWritten && <RollBack item={item} path={path} />}
        meta={[
          `${ACTION_WORDS[item.action]} on ${item.targetName} (${KIND_NAMES[item.kind]})`,
          <a href={path}>The deployment</a>,
          <a href={`${home}/rules/${item.ruleId}/deployed`}>The rule</a>,
        ]}
      />
      <div class="stack">
        {item.reason !== null && <Notice tone="warn" title={item.reason} />}
        <Panel title="Facts" id="facts">
          <PanelBody>
            <Facts
              facts={[
                ['Known there as', <span class="mono break">{item.ref}</span>],
                ...(item.version === null ? [] : [['Version', String(item.version)] as const]),
                ['Signed', item.isSigned ? 'yes' : 'no'],
                ...(item.writtenAt === null
                  ? []
                  : [['Written', <Time at={item.writtenAt} />] as const]),
                ...(item.verifiedAt === null
                  ? []
                  : [['Read back', <Time at={item.verifiedAt} />] as const]),
              ]}
            />
          </PanelBody>
        </Panel>
        {rows !== null && (
          <Panel title="Before and after" id="difference" sub="as the target gave it">
            <SideBySide rows={rows} titles={['Before', 'After']} />
          </Panel>
        )}
        <Panel title="Bytes" id="bytes">
          <Fold title="What stood there before" of={item.before} none="Nothing stood there." />
          <Fold
            title="What was to be written"
            of={item.body}
            none="No body: the act alone is the write."
          />
          <Fold
            title="What was read back"
            of={item.after}
            none="Nothing was read back, or nothing stands there."
          />
        </Panel>
      </div>
    </>
  )
}

const RollBack = ({ item, path }: { item: DeploymentItem; path: string }) => (
  <Confirm
    id="roll-back"
    opener="Roll back this item"
    openerIcon="history"
    question={`Roll back on ${item.targetName}?`}
    consequence={
      item.before === null
        ? 'The rule is removed there: nothing stood before.'
        : 'What stood there before is written again. If nobody signed it, a change is made instead.'
    }
    keep="Keep it"
    verb="Roll back"
    path={`${path}/items/${item.number}/rollback`}
  />
)

const Fold = ({ title, of, none }: { title: string; of: Json | null; none: string }) => (
  <details class="sent">
    <summary>
      <Icon name="chevron-down" size="s" /> {title}
    </summary>
    {of === null ? (
      <p class="muted">{none}</p>
    ) : (
      <NumberedCode label={title} text={JSON.stringify(of, null, 2)} isWrapped />
    )}
  </details>
)
