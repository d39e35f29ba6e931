//! The picture of a story.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Row, Table};

use super::story::{self, Pane, Story};

/// Draws everything.
pub fn draw(story: &Story, frame: &mut Frame<'_>) {
    let devices =
        u16::try_from(story.rows.len()).unwrap_or(u16::MAX).saturating_add(3).min(frame.area().height / 3);
    let [head, devices, frames, words, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(devices),
        Constraint::Fill(1),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(heading(story), head);
    frame.render_widget(table(story), devices);
    frame.render_widget(pane(story, Pane::Frames, frames), frames);
    frame.render_widget(pane(story, Pane::Words, words), words);
    let help = " q end  Tab other pane  ↑↓ PgUp PgDn Home End scroll  b beacons  c clear";
    frame.render_widget(Line::from(help).dim(), keys);
}

fn heading(story: &Story) -> Line<'_> {
    Line::from(vec![
        Span::from(" wpasim ").reversed(),
        Span::from(format!(" {}  ", story.title)),
        Span::from(format!("{} s", story.now)).bold(),
        Span::from(format!("  {} frames  {} clients", story.count, story.clients)),
    ])
}

fn table(story: &Story) -> Table<'_> {
    let rows = story.rows.iter().map(|row| {
        let (state, style) = match &row.state {
            Some(state) => (state.as_str(), Style::new()),
            None => ("ended", Style::new().dim()),
        };
        let style = if state.contains("COMPLETED") { style.fg(Color::Green) } else { style };
        let cells = [row.name.as_str(), &row.ifname, &row.addr, row.role].map(str::to_owned);
        Row::new(cells.into_iter().chain([state.to_owned()])).style(style)
    });
    let widths = [
        Constraint::Length(10),
        Constraint::Length(8),
        Constraint::Length(17),
        Constraint::Length(12),
        Constraint::Fill(1),
    ];
    let head = Row::new(["device", "", "address", "", "state"]).dim();
    Table::new(rows, widths).header(head).block(Block::bordered().title(" devices "))
}

fn pane(story: &Story, pane: Pane, area: Rect) -> Paragraph<'_> {
    let name = match pane {
        Pane::Frames if story.shows_beacons => "frames",
        Pane::Frames => "frames but beacons",
        Pane::Words => "control interfaces",
    };
    let back = if story.is_back(pane) { ", scrolled back" } else { "" };
    let mut block = Block::bordered().title(format!(" {name}{back} "));
    if story.pane == pane {
        block = block.border_style(Style::new().fg(Color::Cyan));
    }
    let lines = story.shown(pane, usize::from(area.height.saturating_sub(2))).into_iter().map(line);
    Paragraph::new(lines.collect::<Vec<_>>()).block(block)
}

fn line(line: &story::Line) -> Line<'_> {
    let style = match line.mark {
        '>' => Style::new().fg(Color::Yellow),
        '!' => Style::new().fg(Color::Cyan),
        _ => Style::new(),
    };
    let time = Span::from(format!("{:>13} ", line.time.to_string())).dim();
    let rest = Span::styled(format!("{:10} {} {}", line.who, line.mark, line.text), style);
    Line::from(vec![time, rest])
}
