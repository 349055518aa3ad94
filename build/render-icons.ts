/**
 * `node build/render-icons.ts`: the icons of all sizes from the one drawing, into build/icons, from where packages take
 * them. Run after src/renderer/wardian.svg has changed; a browser draws them.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import type { Page } from '@playwright/test'
import { obtainBrowser } from './find-browser.ts'
import { icoFile, icnsFile } from './icon-containers.ts'
import type { SizedImage } from './icon-containers.ts'
import { repositoryRoot } from './run-command.ts'

const sizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024] as const
const folder = join(repositoryRoot, 'build/icons')
const drawing = readFileSync(join(repositoryRoot, 'src/renderer/wardian.svg')).toString('base64')

async function render(page: Page, size: number): Promise<SizedImage> {
  await page.setViewportSize({ width: size, height: size })
  const source = `data:image/svg+xml;base64,${drawing}`
  await page.setContent(
    `<style>*{margin:0}img{display:block}</style><img width="${size}" height="${size}" src="${source}">`,
  )
  await page.waitForFunction('document.images[0].complete')
  return { size, png: await page.screenshot({ omitBackground: true }) }
}

const browser = await chromium.launch({
  executablePath: await obtainBrowser((line) => void process.stderr.write(`${line}\n`)),
  args: ['--no-sandbox'],
})
try {
  const page = await browser.newPage()
  mkdirSync(folder, { recursive: true })
  const images: SizedImage[] = []
  for (const size of sizes) images.push(await render(page, size))
  for (const { size, png } of images) writeFileSync(join(folder, `${size}.png`), png)
  writeFileSync(join(folder, 'icon.ico'), icoFile(images))
  writeFileSync(join(folder, 'icon.icns'), icnsFile(images))
} finally {
  await browser.close()
}
