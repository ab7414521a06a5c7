// Hostile rule files brought into a workspace: each ends as a rule whose text is what was sent, or is left
// out with a problem that says why; and the pages about it answer.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { followJob } from '#cli/demo/follow-job.ts'
import { systemCaller } from '#domain/access/system.ts'
import { ARCHIVE_CAPS, readEntries } from '#domain/rules/imports/files.ts'
import { getImport, importFiles, listImportItems } from '#domain/rules/imports/actions.ts'
import { deleteRule } from '#domain/rules/actions.ts'
import { getRule } from '#domain/rules/reading.ts'
import { readZip } from '#platform/zip/read.ts'
import { corpusPath } from '#test/support/corpora.ts'
import { startApp } from '#test/support/start-app.ts'

const WISH = { conflicts: 'keep', isAllOrNothing: false, keepsBroken: false } as const

for (const folder of ['hostile/sigma', 'hostile/yaml']) {
  const where = corpusPath(folder)
  if (where === undefined) continue
  void test(`every file of ${folder} is brought or told why not`, async (t) => {
    const app = await startApp(t)
    const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
    for (const name of readdirSync(where)) {
      const bytes = gunzipSync(readFileSync(path.join(where, name)))
      const archive = Buffer.from(zipSync({ [name.replace('.gz', '')]: bytes }))
      const files = await readEntries(readZip(archive, ARCHIVE_CAPS))
      if (files.length === 0) continue // no name of a rule file
      const { importId, jobId } = await importFiles(
        app.house,
        caller,
        { source: name, files },
        WISH,
      )
      const { job } = await followJob(app.house, caller, jobId)
      assert.equal(job.state, 'succeeded', name)
      const { items } = await listImportItems(app.house, caller, importId, { limit: 10 })
      for (const { ruleId, finding, problems } of items) {
        if (ruleId === null) {
          assert.ok(problems.length > 0, `${name} is ${finding} without a word`)
          continue
        }
        assert.equal((await getRule(app.house, caller, ruleId)).text, bytes.toString('utf8'), name)
        const page = await app.fetchAs(app.cast.ada, `/w/acme/rules/${ruleId}`)
        assert.equal(page.status, 200, name)
        await deleteRule(app.house, caller, ruleId, 'any') // the next one may bear the same id
      }
      const shown = await app.fetchAs(app.cast.ada, `/w/acme/rules/imports/${importId}`)
      assert.equal(shown.status, 200, name)
      assert.equal((await getImport(app.house, caller, importId)).found.state, 'done')
    }
  })
}
