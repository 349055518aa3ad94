/**
 * Makes the template that the product ships, as the product would at its first start, so that no start of a
 * built product waits for initdb. Run by the build part `template`.
 */
import { rmSync } from 'node:fs'
import { PgliteEngineFactory } from '../src/main/engine/pglite/pglite-engine-factory.ts'
import { shippedTemplatesFolder } from '../src/main/page/product-folder.ts'

const templatesDirectory = shippedTemplatesFolder()
// Those of other versions are of no use.
rmSync(templatesDirectory, { recursive: true, force: true })
const factory = new PgliteEngineFactory({ templatesDirectory })
await factory.makeTemplate()
await factory.dispose()
