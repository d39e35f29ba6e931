//! Commands about `cred` blocks.

use super::Reply;
use crate::config::credential::Credential;
use crate::config::text::atoi;
use crate::supplicant::interface::Interface;

impl Interface {
    pub(super) fn ctrl_list_creds(&self) -> String {
        let mut out = "cred id / realm / username / domain / imsi\n".to_owned();
        for cred in &self.config.credentials {
            let field = |name: &str| cred.get(name).unwrap_or_default();
            let domain = field("domain").lines().next().unwrap_or_default().to_owned();
            out.push_str(&format!(
                "{}\t{}\t{}\t{domain}\t{}\n",
                cred.id,
                field("realm"),
                field("username"),
                field("imsi")
            ));
        }
        out
    }

    /// The new credential's id.
    pub(super) fn ctrl_add_cred(&mut self) -> i32 {
        let id = self.config.credentials.iter().map(|c| c.id).max().unwrap_or(-1) + 1;
        self.config.credentials.push(Credential::new(id));
        self.info(&format!("CRED-ADDED {id}"));
        id
    }

    pub(super) fn ctrl_remove_cred(&mut self, args: &str) -> Reply {
        let ids: Vec<i32> = match args {
            "all" => self.config.credentials.iter().map(|c| c.id).collect(),
            _ if args.starts_with("sp_fqdn=") || args.starts_with("provisioning_sp=") => {
                self.of_provider(args)
            }
            id => vec![atoi(id)],
        };
        for id in &ids {
            if !self.config.credentials.iter().any(|c| c.id == *id) {
                return Reply::Fail;
            }
            self.config.credentials.retain(|c| c.id != *id);
            self.info(&format!("CRED-REMOVED {id}"));
        }
        Reply::Ok
    }

    /// Credentials with this domain or provisioning service provider.
    fn of_provider(&self, args: &str) -> Vec<i32> {
        let Some((by, value)) = args.split_once('=') else { return Vec::new() };
        let name = if by == "sp_fqdn" { "domain" } else { "provisioning_sp" };
        let wanted = format!("\"{value}\"");
        let same = |c: &&Credential| c.get(name).is_some_and(|v| v == wanted || v == value);
        self.config.credentials.iter().filter(same).map(|c| c.id).collect()
    }

    pub(super) fn ctrl_set_cred(&mut self, args: &str) -> Reply {
        let mut parts = args.splitn(3, ' ');
        let (Some(id), Some(name), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
            return Reply::Fail;
        };
        let id = atoi(id);
        let Some(cred) = self.config.credentials.iter_mut().find(|c| c.id == id) else { return Reply::Fail };
        if cred.set(name, value).is_err() {
            return Reply::Fail;
        }
        self.info(&format!("CRED-MODIFIED {id} {name}"));
        Reply::Ok
    }

    pub(super) fn ctrl_get_cred(&self, args: &str) -> Reply {
        let Some((id, name)) = args.split_once(' ') else { return Reply::Fail };
        let cred = self.config.credentials.iter().find(|c| c.id == atoi(id));
        Reply::text_or_fail(cred.and_then(|c| c.get(name)))
    }
}
