// One item of a change down to the bytes: the text of the rule, the query and every other field of the
// body, each as it stands and as it would be written.

import type { Change } from '#domain/changes/change.ts'
import type { LineRow } from '#domain/rules/merge/side-by-side.ts'
import { SideBySide } from '#views/rules/side-by-side.tsx'
import { KIND_NAMES } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import { LinkButton } from '#views/parts/button.tsx'
import { count, formatExact } from '#views/parts/format.ts'
import { Icon } from '#views/parts/icon.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Facts, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Table } from '#views/parts/table.tsx'
import { NumberedCode, Time } from '#views/parts/text.tsx'
import { narrow, Value, versionsOf } from './items.tsx'
import type { ItemShown } from './shown.ts'
import { ACTION_SENTENCES, ACTION_WORDS, ChangeStateBadge } from './words.tsx'

export interface ItemPageProps {
  /** `/w/acme/changes/chg_…`. */
  readonly path: string
  readonly home: string
  readonly change: Change
  readonly shown: ItemShown
  /** Of the texts of the rule; null where there is only one, or none. */
  readonly text: readonly LineRow[] | null
  /** Of the whole bodies, as JSON. */
  readonly body: readonly LineRow[] | null
  /** What is written where nothing stands. */
  readonly written: string | null
  /** What is deployed by itself as exclusions end, each beside what ran until then. */
  readonly switches: readonly { readonly at: Instant; readonly rows: readonly LineRow[] }[]
  readonly previous: number | null
  readonly next: number | null
}

export const ItemPage = (props: ItemPageProps) => {
  const { shown } = props
  const { item } = shown
  return (
    <>
      <ItemHead {...props} />
      <div class="stack">
        <Meaning shown={shown} />
        {props.text !== null && (
          <Panel title="Text" id="text">
            <SideBySide
              label="Lines of the text"
              rows={props.text}
              titles={['What stands there', 'This change']}
            />
          </Panel>
        )}
        <Fields shown={shown} />
        {props.body !== null && (
          <Panel title="Whole body" id="body" sub="as the target gives it back">
            <SideBySide
              label="Lines of the body"
              rows={props.body}
              titles={['What stands there', 'This change']}
            />
          </Panel>
        )}
        {props.written !== null && (
          <Panel title="What is written" id="written" sub="all of it: nothing stands there yet">
            <NumberedCode label="What is written" text={props.written} isWrapped />
          </Panel>
        )}
        {props.switches.map(({ at, rows }, index) => (
          <Panel
            title={index === 0 ? 'When exclusions end' : 'And then'}
            id={`switch-${index + 1}`}
            sub={
              <>
                <Time at={at} />: deployed by itself, signed together with the above
              </>
            }
          >
            <SideBySide
              label={`Lines of the body from ${formatExact(at)}`}
              rows={rows}
              titles={['Until then', 'From then on']}
            />
          </Panel>
        ))}
        {item.body === null && (
          <Panel title="What is written" id="written">
            <Empty icon="info" title="No body is written">
              {ACTION_SENTENCES[item.action]}.
            </Empty>
          </Panel>
        )}
        <Signed {...props} />
      </div>
    </>
  )
}

const ItemHead = (props: ItemPageProps) => {
  const { shown, change, path, home } = props
  const { item } = shown
  return (
    <Head
      title={item.ruleTitle}
      badge={<ChangeStateBadge of={change.state} />}
      meta={[
        `${ACTION_WORDS[item.action]} on ${item.targetName} (${KIND_NAMES[item.kind]})`,
        versionsOf(item),
        <a href={`${home}/rules/${item.ruleId}`}>The rule</a>,
        <a href={`${path}#item-${item.number}`}>The change</a>,
      ]}
      actions={
        <>
          {props.previous !== null && (
            <LinkButton icon="chevron-left" href={`${path}/items/${props.previous}`} data-keys="k">
              Before
            </LinkButton>
          )}
          {props.next !== null && (
            <LinkButton icon="chevron-right" href={`${path}/items/${props.next}`} data-keys="j">
              Next
            </LinkButton>
          )}
        </>
      }
    />
  )
}

const Meaning = ({ shown }: { shown: ItemShown }) => {
  const { item, sentences } = shown
  return (
    <Panel title="What it means" id="meaning">
      <PanelBody>
        {item.action !== 'change' && <p>{ACTION_SENTENCES[item.action]}.</p>}
        {sentences.length > 0 && (
          <ul>
            {sentences.map((sentence) => (
              <li dir="auto" class="break">
                {sentence}
              </li>
            ))}
          </ul>
        )}
        {shown.unsaid !== null && <p class="muted">{shown.unsaid}</p>}
      </PanelBody>
    </Panel>
  )
}

const Fields = ({ shown: { item, fields } }: { shown: ItemShown }) =>
  fields.length === 0 || item.replaces === null ? null : (
    <Panel title="Fields" id="fields" sub={`${count(fields.length, 'field')} that differ`}>
      <Table
        label="Fields that differ"
        columns={[{ label: 'Field' }, { label: 'Stands there' }, { label: 'Would be written' }]}
        isFlat
        isStacked
      >
        {fields.map(narrow).map(({ field, from, to }) => (
          <tr class="means">
            <th scope="row" class="mono">
              {field}
            </th>
            <td class="wrap break cell-wide">
              <Value of={from} is="del" />
            </td>
            <td class="wrap break cell-wide">
              <Value of={to} is="ins" />
            </td>
          </tr>
        ))}
      </Table>
    </Panel>
  )

const Signed = ({ shown }: ItemPageProps) => {
  const { item } = shown
  return (
    <Panel title="What a signature covers" id="signed">
      <PanelBody>
        <Facts
          facts={[
            ...(item.bodyHash === null ? [] : [['Body', <Digest of={item.bodyHash} />] as const]),
            ...item.switches.map(
              ({ at, bodyHash }) =>
                [`Body from ${formatExact(at)}`, <Digest of={bodyHash} />] as const,
            ),
            ...(item.replaces === null
              ? [['Replaces', 'nothing'] as const]
              : [
                  ['Replaces', <Digest of={item.replaces.hash} />] as const,
                  ['Known there as', <span class="mono break">{item.replaces.ref}</span>] as const,
                ]),
            ...Object.entries(item.inputs).map(
              ([name, hash]) => [`Made with: ${name}`, <Digest of={hash} />] as const,
            ),
          ]}
        />
        <p class="muted small row-s">
          <Icon name="info" size="s" /> Digests are SHA-256 over canonical JSON.
        </p>
      </PanelBody>
    </Panel>
  )
}

const Digest = ({ of }: { of: string }) => <span class="mono break">{of}</span>
