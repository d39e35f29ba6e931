//! `wpasim serve --ui`: the devices, their states, and frames and events as they pass, in a terminal.

mod screen;
mod story;

use std::io;
use std::time::Duration as WallDuration;

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use wpasim_wire::time::Instant;

use super::{Frame, Observer, Speaker, Watched, World};
use crate::wall::Stopwatch;
use story::Story;

/// Pictures come no faster than this.
const BETWEEN_PICTURES: WallDuration = WallDuration::from_millis(40);
/// Keys are looked at so often when nothing happens.
const PATIENCE: WallDuration = WallDuration::from_millis(100);
/// Lines that a page key goes.
const PAGE: usize = 10;

/// The view. The terminal is as it was when this is dropped.
pub struct Ui {
    terminal: DefaultTerminal,
    story: Story,
    last_picture: Option<Stopwatch>,
}

impl Ui {
    /// Takes the terminal.
    ///
    /// # Errors
    /// Standard output is no terminal, or does not do what one must.
    pub fn start(title: String) -> io::Result<Self> {
        Ok(Ui { terminal: ratatui::try_init()?, story: Story::new(title), last_picture: None })
    }

    /// Takes the keys that were pressed. Whether the server goes on.
    fn keys(&mut self) -> io::Result<bool> {
        while event::poll(WallDuration::ZERO)? {
            match event::read()? {
                Event::Key(key) if key.kind != KeyEventKind::Release && !pressed(&mut self.story, key) => {
                    return Ok(false);
                }
                Event::Resize(..) => self.last_picture = None,
                _ => {}
            }
        }
        Ok(true)
    }

    fn picture(&mut self, world: &mut dyn World) -> io::Result<()> {
        if self.last_picture.is_some_and(|watch| watch.elapsed() < BETWEEN_PICTURES) {
            return Ok(());
        }
        self.story.look(world);
        self.terminal.draw(|frame| screen::draw(&self.story, frame))?;
        self.last_picture = Some(Stopwatch::start());
        Ok(())
    }
}

impl Drop for Ui {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

impl Observer for Ui {
    fn devices(&mut self, devices: &[Watched]) {
        self.story.devices(devices);
    }

    fn command(&mut self, now: Instant, from: Speaker<'_>, command: &[u8]) {
        self.story.said(now, from, '>', command);
    }

    fn reply(&mut self, now: Instant, to: Speaker<'_>, reply: &[u8]) {
        self.story.said(now, to, '<', reply);
    }

    fn event(&mut self, now: Instant, from: Speaker<'_>, event: &[u8]) {
        self.story.said(now, from, '!', event);
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        self.story.frame(frame);
    }

    fn tick(&mut self, world: &mut dyn World) -> bool {
        // A terminal that is gone is the end, as a hang-up is.
        self.keys().unwrap_or(false) && self.picture(world).is_ok()
    }

    fn patience(&self) -> Option<WallDuration> {
        Some(if self.last_picture.is_some() { PATIENCE } else { WallDuration::ZERO })
    }
}

/// Carries out a key. Returns whether the server goes on.
fn pressed(story: &mut Story, key: KeyEvent) -> bool {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('q') | KeyCode::Esc => return false,
        KeyCode::Char('c' | 'd') if control => return false,
        KeyCode::Tab | KeyCode::BackTab => story.next_pane(),
        KeyCode::Up | KeyCode::Char('k') => story.scroll_back(1),
        KeyCode::Down | KeyCode::Char('j') => story.scroll_on(1),
        KeyCode::PageUp => story.scroll_back(PAGE),
        KeyCode::PageDown => story.scroll_on(PAGE),
        KeyCode::Home => story.scroll_back(usize::MAX),
        KeyCode::End | KeyCode::Char('G') => story.scroll_on(usize::MAX),
        KeyCode::Char('b') => story.toggle_beacons(),
        KeyCode::Char('c') => story.clear(),
        _ => {}
    }
    true
}

#[cfg(test)]
mod tests;
