//! The diagram as SVG, which takes its colours from the page around it.

use maud::{Markup, html};

use crate::topology::{
    Arrow, Column, Flow, Health, Node, Topology, Weight,
    layout::{Curve, HEAD, Layout, Rect, narrow, wide},
};

/// Letters of a name that fit into a box with its port.
const NAME: usize = 12;

/// Between a box and its text.
const PADDING: f64 = 10.0;

impl Topology {
    /// The diagram, in both of its shapes; the page's style shows the one that there is room for. What is wrong stands below
    /// it in words.
    pub fn draw(&self) -> Markup {
        let words = self.in_words();
        html! {
            figure.topology {
                (self.picture("wide", &wide(self), &words))
                (self.picture("narrow", &narrow(self), &words))
                figcaption { span.soft { "Thick: at its limit, or failing. Dotted: nothing can pass." } }
                @for trouble in self.boxes.iter().filter_map(|node| node.trouble.as_ref()) {
                    p.warning { (trouble) }
                }
            }
        }
    }

    fn picture(&self, shape: &str, layout: &Layout, words: &str) -> Markup {
        let Layout { width, height, boxes, arrows, letter } = layout;
        html! {
            // A stroke is half outside.
            svg class=(shape) viewBox={ "-2 -2 " (width + 4.0) " " (height + 4.0) } width=(width + 4.0)
                role="img" aria-label=(words)
            {
                // Those that matter lie on top.
                @for overloaded in [false, true] {
                    @for (arrow, curve) in self.arrows.iter().zip(arrows) {
                        @if (self.weight(arrow) == Weight::Overloaded) == overloaded { (self.arrow(arrow, curve)) }
                    }
                }
                @for (node, place) in self.boxes.iter().zip(boxes) { (node.draw(place, *letter)) }
            }
        }
    }

    fn arrow(&self, arrow: &Arrow, curve: &Curve) -> Markup {
        let weight = self.weight(arrow);
        let class = match weight {
            Weight::Idle => "idle",
            Weight::Busy => "busy",
            Weight::Overloaded => "overloaded",
            Weight::Broken => "broken",
        };
        let (x, y, goes_down) = curve.head;
        let head = if goes_down {
            format!("M{} {}L{x} {y}L{} {}Z", x - 5.0, y - HEAD, x + 5.0, y - HEAD)
        } else {
            format!("M{} {}L{x} {y}L{} {}Z", x - HEAD, y - 5.0, x - HEAD, y + 5.0)
        };
        // Of several that lead to one box, the first has the text.
        let is_first =
            self.arrows.iter().find(|other| other.to == arrow.to).is_some_and(|it| std::ptr::eq(it, arrow));
        let flow = arrow.flow.as_ref().or(self.boxes[arrow.to].input.as_ref().filter(|_| is_first));
        html! {
            g class={ "arrow " (class) } {
                path d=(curve.path) {}
                path.head d=(head) {}
                @if let (Some(Flow { much, well, .. }), true) = (flow, self.can_pass(arrow)) {
                    text x=(curve.text.0) y=(curve.text.1 - 5.0) { (much) }
                    text.well x=(curve.text.0) y=(curve.text.1 + 14.0) { (well) }
                }
            }
        }
    }
}

impl Node {
    fn draw(&self, place: &Rect, letter: f64) -> Markup {
        let class = match self.health {
            Health::Good => "good",
            Health::Back => "back",
            Health::Waiting => "waiting",
            Health::Bad => "bad",
            Health::Off => "off",
            Health::Failing => "failing",
        };
        let Rect { x, y, width, height } = *place;
        let lines = 1 + 1 + self.notes.len();
        let first = y + height / 2.0 - (lines - 1) as f64 * 8.0 + 4.0;
        // What would stick out is drawn closer together: how wide a font is, only the browser knows.
        let room = width - 2.0 * PADDING;
        let fitted = |text: &str| (text.chars().count() as f64 * letter > room).then_some(room);
        let apart = if self.column == Column::Apart { " apart" } else { "" };
        html! {
            g class={ "node " (class) (apart) } {
                title { (self.name) }
                rect x=(x) y=(y) width=(width) height=(height) rx="6" {}
                text.name x=(x + PADDING) y=(first) {
                    (shortened(&self.name))
                    @if let Some(port) = self.port { tspan { " :" (port) } }
                }
                @for (line, words) in [&self.state].into_iter().chain(&self.notes).enumerate() {
                    @let fitted = fitted(words);
                    text.state[line == 0] x=(x + PADDING) y=(first + 16.0 * (line + 1) as f64)
                        textLength=[fitted] lengthAdjust=[fitted.map(|_| "spacingAndGlyphs")] { (words) }
                }
            }
        }
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_owned();
    }
    name.chars().take(NAME - 1).chain(['…']).collect()
}
