/** Controls, and what speaks to people, in the gallery. */

import { Database, Plus, Table2, Trash2 } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import { Button } from 'react-aria-components'
import { ToastList } from '../../src/renderer/app/toast-list.tsx'
import { Dialog, DialogActions } from '../../src/renderer/widgets/dialog.tsx'
import { EmptyState } from '../../src/renderer/widgets/empty-state.tsx'
import { IconButton } from '../../src/renderer/widgets/icon-button.tsx'
import { MenuButton } from '../../src/renderer/widgets/menu.tsx'
import { ProgressBar } from '../../src/renderer/widgets/progress-bar.tsx'
import { SearchBox } from '../../src/renderer/widgets/search-box.tsx'
import { SplitPane } from '../../src/renderer/widgets/split-pane.tsx'
import { StateDot } from '../../src/renderer/widgets/state-dot.tsx'
import { TextButton } from '../../src/renderer/widgets/text-button.tsx'
import { Tooltip } from '../../src/renderer/widgets/tooltip.tsx'
import { GallerySection, nothing } from './gallery-section.tsx'

export function ControlSections(): ReactElement {
  return (
    <>
      <Buttons />
      <Fields />
      <GallerySection title="State dot">
        {(['ok', 'waiting', 'failed', 'idle'] as const).map((kind) => (
          <span key={kind}>
            <StateDot kind={kind} label={kind} /> {kind}
          </span>
        ))}
      </GallerySection>
      <GallerySection title="Progress bar">
        <ProgressBar label="Reading your tabs and settings" />
        <ProgressBar label="Filling the sample, 40,000 of 100,000 rows" fraction={0.4} />
      </GallerySection>
      <GallerySection title="Empty state">
        <div className="frame">
          <EmptyState icon={Table2} title="Results appear here">
            <p>What this place is for, in a sentence.</p>
            <TextButton kind="primary">The one next step</TextButton>
          </EmptyState>
        </div>
      </GallerySection>
      <GallerySection title="Split pane">
        <div className="frame">
          <SplitPane
            id="gallery"
            orientation="horizontal"
            panels={[
              { id: 'left', defaultSize: '30%', minSize: '80px' },
              { id: 'right', minSize: '80px' },
            ]}
            onResized={nothing}
          >
            <EmptyState title="Left" />
            <EmptyState title="Right" />
          </SplitPane>
        </div>
      </GallerySection>
      <Floating />
      <ToastList />
    </>
  )
}

function Buttons(): ReactElement {
  return (
    <>
      <GallerySection title="Text button">
        <TextButton>Plain</TextButton>
        <TextButton kind="primary">Primary</TextButton>
        <TextButton kind="danger">Delete orders</TextButton>
        <TextButton isDisabled>Disabled</TextButton>
        <TextButton kind="primary" isDisabled>
          Disabled primary
        </TextButton>
        <TextButton kind="danger" isDisabled>
          Disabled danger
        </TextButton>
      </GallerySection>
      <GallerySection title="Icon button">
        <IconButton icon={Plus} label="New console" keys="Alt+T" onPress={nothing} />
        <IconButton icon={Plus} label="Pressed" isPressed onPress={nothing} />
        <IconButton icon={Plus} label="Disabled" isDisabled onPress={nothing} />
      </GallerySection>
    </>
  )
}

function Fields(): ReactElement {
  const [search, setSearch] = useState('customers')
  return (
    <GallerySection title="Search box">
      <SearchBox label="Empty" placeholder="Filter" value="" onChange={nothing} />
      <SearchBox label="Filled" placeholder="Filter" value={search} onChange={setSearch} />
    </GallerySection>
  )
}

/** What opens over the rest, opened by who looks. */
function Floating(): ReactElement {
  const [isOpen, setIsOpen] = useState(false)
  const close = (): void => setIsOpen(false)
  return (
    <GallerySection title="Menu, tooltip and dialog">
      <MenuButton
        label="Choices"
        groups={[
          [
            { id: 'checked', label: 'Checked', detail: 'disk · 65 MB', isChecked: true, onChoose: nothing },
            { id: 'icon', label: 'With icon and key', icon: Database, keys: 'Mod+N', onChoose: nothing },
            { id: 'off', label: 'Disabled', isDisabled: true, onChoose: nothing },
          ],
          [{ id: 'danger', label: 'Delete orders…', icon: Trash2, isDanger: true, onChoose: nothing }],
        ]}
      >
        <Button>Open the menu</Button>
      </MenuButton>
      <Tooltip label="What it does" keys="Mod+Shift+P">
        <Button>Has a tooltip</Button>
      </Tooltip>
      <TextButton onPress={() => setIsOpen(true)}>Open the dialog</TextButton>
      <Dialog title="Delete orders?" isOpen={isOpen} onClose={close}>
        <div>Its files move to the trash folder of the data directory.</div>
        <DialogActions>
          <TextButton onPress={close} autoFocus>
            Keep it
          </TextButton>
          <TextButton kind="danger" onPress={close}>
            Delete orders
          </TextButton>
        </DialogActions>
      </Dialog>
    </GallerySection>
  )
}
