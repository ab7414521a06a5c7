// Bringing rules: files, an archive or a pasted text; and what was brought before.

import type { RuleImport } from '#domain/rules/imports/import.ts'
import type { ImportListed } from '#domain/rules/imports/actions.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Field, TextArea } from '#views/parts/field.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'

export interface ImportPageProps {
  /** `/w/acme/rules/imports`. */
  readonly path: string
  readonly upstreams: string
  readonly imports: readonly ImportListed[]
  readonly names: ReadonlyMap<Actor, string>
  readonly pasted: string
  readonly refusal: string | null
}

export const ImportPage = ({
  path,
  upstreams,
  imports,
  names,
  pasted,
  refusal,
}: ImportPageProps) => (
  <>
    <Head
      title="Import rules"
      actions={<LinkButton href={upstreams}>Follow an upstream</LinkButton>}
    />
    <div class="stack">
      {refusal !== null && (
        <Notice tone="bad" title="Nothing was read.">
          {refusal}
        </Notice>
      )}
      <form method="post" action={path} enctype="multipart/form-data">
        <Panel title="What shall be imported" id="what">
          <PanelBody>
            <p class="muted">
              Sigma rules (YAML), Splunk savedsearches.conf, Sentinel analytics rules (ARM or YAML),
              rules exported from Kibana (NDJSON), or a ZIP file of any of them. What it is, is told
              by its content. You see what would happen before anything is written.
            </p>
            <Field name="files" label="Files or a ZIP file">
              {(attributes) => <input {...attributes} type="file" multiple />}
            </Field>
            <Field
              name="folder"
              label="A folder"
              hint="Of a repository, all its rules; other files stay where they are."
            >
              {(attributes) => (
                <input {...attributes} type="file" multiple webkitdirectory="" data-folder />
              )}
            </Field>
            <Field name="pasted" label="Or paste here">
              {(attributes) => (
                <TextArea {...attributes} class="input mono" rows={8} value={pasted} wrap="off" />
              )}
            </Field>
            <div class="row">
              <Button kind="primary">Show what would happen</Button>
            </div>
          </PanelBody>
        </Panel>
      </form>
      {imports.length > 0 && (
        <Panel title="Imports" id="imports">
          <ol class="rows">
            {imports.map((one) => (
              <Imported one={one} path={path} names={names} />
            ))}
          </ol>
        </Panel>
      )}
    </div>
  </>
)

interface ImportedProps {
  readonly one: ImportListed
  readonly path: string
  readonly names: ReadonlyMap<Actor, string>
}

const Imported = ({ one, path, names }: ImportedProps) => (
  <li>
    <a class="grow break" href={`${path}/${one.id}`}>
      <Foreign text={one.source} />
    </a>
    <ImportState of={one.state} />
    <span class="muted small">
      <bdi>{describeActor(one.createdBy, names)}</bdi> <Time at={one.createdAt} />
    </span>
    <span class="full muted small break">
      {count(one.documents, 'document')}
      {one.written > 0 && `, ${formatNumber(one.written)} written`}
      {one.broken > 0 && `, ${formatNumber(one.broken)} broken`}
      {one.titles.length > 0 && ': '}
      {one.titles.slice(0, TITLES_SHOWN).map((title, at) => (
        <>
          {at > 0 && ', '}
          <Foreign text={title.slice(0, TITLE_CHARS)} />
        </>
      ))}
      {one.documents > TITLES_SHOWN && ' …'}
    </span>
  </li>
)

const TITLES_SHOWN = 3
const TITLE_CHARS = 80

const WORDS = {
  preview: ['accent', 'Not imported yet'],
  running: ['accent', 'Running'],
  stopped: ['warn', 'Stopped'],
  done: ['ok', 'Imported'],
} as const

export const ImportState = ({ of }: { of: RuleImport['state'] | 'stopped' }) => {
  const [tone, word] = WORDS[of]
  return <Badge tone={tone}>{word}</Badge>
}
