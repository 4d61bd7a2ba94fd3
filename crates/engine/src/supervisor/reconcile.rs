//! Makes what runs equal to the spec.

use std::{collections::BTreeMap, io, mem::take};

use compose::{service_spec::Service, write_nginx_conf};
use futures_util::future::join_all;
use process::Identity;
use project::{
    spec_file::Spec,
    status::{Build, Phase},
};
use tokio::{
    sync::{mpsc::unbounded_channel, watch},
    task::spawn_blocking,
};

use crate::{
    docker,
    supervisor::{Running, Supervisor, publish_during, scrape_targets},
};

impl Supervisor {
    /// Makes what runs equal to `spec.json`, or notes in the status why that failed.
    pub(super) async fn reconcile_or_report(&mut self) {
        // A spec that cannot be read changes nothing.
        let Some(spec) = Spec::read(&self.scenario) else {
            return eprintln!("spec.json is missing, or another version of the lab wrote it");
        };
        let result = self.reconcile(&spec).await;
        self.status.trouble = result.err().map(|error| format!("{error:#}"));
        if self.rebuild.is_none() {
            self.status.build = Build::Current;
        }
        self.status.settled = spec.generation;
        self.publish();
    }

    async fn reconcile(&mut self, spec: &Spec) -> anyhow::Result<()> {
        self.watch = spec.watch;
        self.status.variant = spec.variant.clone();
        scrape_targets::announce(&self.scenario, spec);
        if !spec.rolling || self.replace_one_by_one(&spec.services).await? {
            self.stop_unwanted(&spec.services).await?;
            self.start_wanted(&spec.services).await?;
        }
        Ok(())
    }

    async fn stop_unwanted(&mut self, wanted: &[Service]) -> anyhow::Result<()> {
        // Last started, first stopped.
        for position in (0..self.services.len()).rev() {
            let running = &mut self.services[position];
            let stays = running.is_wanted(wanted) || wanted.iter().any(|wanted| running.can_become(wanted));
            if !stays {
                // It stays in the list until it has stopped: this may be dropped on the way.
                running.stop().await?;
                self.services.remove(position);
            }
        }
        Ok(())
    }

    async fn start_wanted(&mut self, wanted: &[Service]) -> anyhow::Result<()> {
        let mut kept = take(&mut self.services);
        for wanted in wanted {
            let found = kept.iter().position(|running| running.service.name == wanted.name);
            let running = match found {
                Some(position) => kept.remove(position),
                None => Running::new(&self.scenario, wanted.clone()),
            };
            self.services.push(running);
        }
        self.publish();
        if let Some(container) = wanted.iter().find_map(|service| service.container.clone()) {
            spawn_blocking(move || docker::create(&container.docker)).await??;
        }
        let before = self.processes();
        // Each waits for those that it depends on, and for no other: one that hangs does not delay the rest.
        let (handled, _) = watch::channel(Vec::<&str>::new());
        let is_handled = |handled: &[&str], name: &str| {
            handled.contains(&name) || wanted.iter().all(|service| service.name != name)
        };
        let (sender, news) = unbounded_channel();
        let starts = self.services.iter_mut().zip(wanted).map(async |(running, service)| {
            let mut others = handled.subscribe();
            let are_handled =
                |handled: &Vec<&str>| service.after.iter().all(|name| is_handled(handled, name));
            // The channel is open as long as `handled` is there.
            let _ = others.wait_for(are_handled).await.is_ok();
            running.restarts.forgive();
            // Now that the servers run which it is to know.
            let result = running.become_wanted(&self.scenario, service).await;
            if result.is_ok() {
                running.start_unless_ready(&self.scenario, &sender).await;
            }
            handled.send_modify(|handled| handled.push(&service.name));
            result
        });
        let results = publish_during(join_all(starts), news, &mut self.status, &self.scenario).await;
        self.publish();
        results.into_iter().collect::<io::Result<()>>()?;
        self.look_up_addresses(&before).await
    }

    fn processes(&self) -> BTreeMap<String, Option<Identity>> {
        self.services.iter().map(|running| (running.service.name.clone(), running.status().process)).collect()
    }

    /// Makes each nginx in a container that was running `before` look up its servers' addresses again, if a program has been
    /// started since. Containers that start side by side can get each other's addresses, or the address of a removed one, and
    /// nginx looks them up only when it reads its configuration.
    async fn look_up_addresses(&self, before: &BTreeMap<String, Option<Identity>>) -> anyhow::Result<()> {
        let now = self.processes();
        let is_new = |running: &&Running| {
            let name = &running.service.name;
            before.get(name) != now.get(name)
        };
        if !self.services.iter().any(|running| running.service.program().is_some() && is_new(&running)) {
            return Ok(());
        }
        let stayed = self.services.iter().filter(|running| !is_new(running) && running.phase == Phase::Ready);
        for proxy in stayed.filter(|running| running.service.container.is_some()) {
            if let Some(nginx) = proxy.service.nginx() {
                proxy.reload(&self.scenario, &nginx.config).await?;
            }
        }
        Ok(())
    }

    /// Replaces the programs behind nginx that changed: each is taken out of nginx's list, has its requests finished, is
    /// started anew and put back, while the others serve. `false` when one does not run: then the rest is left alone.
    async fn replace_one_by_one(&mut self, wanted: &[Service]) -> anyhow::Result<bool> {
        let Some(proxy) = self.services.iter().position(|running| running.service.nginx().is_some()) else {
            return Ok(true);
        };
        for position in 0..self.services.len() {
            let running = &self.services[position].service;
            let new = wanted.iter().find(|wanted| wanted.name == running.name && *wanted != running);
            let (Some(new), Some(address), Some(nginx)) = (
                new.filter(|new| new.program().is_some()),
                running.upstream(),
                self.services[proxy].service.nginx(),
            ) else {
                continue;
            };
            // Skips a server that nginx does not name, and an upstream's only server: no other could take its place.
            let Ok(without) = write_nginx_conf::without(&nginx.config, &address) else { continue };
            let with = nginx.config.clone();
            // They serve in its place, and one may have been killed a moment ago.
            if !self.all_run().await {
                return Ok(false);
            }
            let out = self.services[proxy].reload(&self.scenario, &without).await;
            if out.is_ok() {
                self.services[position].stop().await?;
                self.services[position] = Running::new(&self.scenario, new.clone());
                self.start(position).await;
            }
            // Also after an error: nothing else would add it to nginx again.
            self.services[proxy].reload(&self.scenario, &with).await.and(out)?;
        }
        Ok(self.all_run().await)
    }

    /// Starts services that have ended, and returns whether everything answers.
    async fn all_run(&mut self) -> bool {
        for position in 0..self.services.len() {
            let running = &mut self.services[position];
            if !running.answers().await {
                running.reap();
                running.set(Phase::Starting, "it did not answer");
                self.start(position).await;
            }
        }
        self.services.iter().all(|running| running.phase == Phase::Ready || running.service.looks_on())
    }
}
