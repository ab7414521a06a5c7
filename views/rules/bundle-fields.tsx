// What a bundle is: its files, how people call it, and where the repository stood.

import { Field } from '#views/parts/field.tsx'

export const BundleFields = ({ typed = {} }: { typed?: Readonly<Record<string, string>> }) => (
  <>
    <Field name="files" label="The bundle" hint="A ZIP file of the repository, or its files.">
      {(attributes) => <input {...attributes} type="file" multiple />}
    </Field>
    <Field name="folder" label="Or a folder" hint="Where the browser can send one.">
      {(attributes) => <input {...attributes} type="file" multiple webkitdirectory="" />}
    </Field>
    <Field name="label" label="Release" hint="As people call it; today's date when empty.">
      {(attributes) => <input {...attributes} maxlength={100} value={typed.label ?? ''} />}
    </Field>
    <Field name="commit" label="Commit" hint="Where the repository stood, if you know it.">
      {(attributes) => (
        <input {...attributes} class="input mono" maxlength={100} value={typed.commit ?? ''} />
      )}
    </Field>
  </>
)
