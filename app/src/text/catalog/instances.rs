//! What pages say about the other instances.

use super::{Language, Texts};

texts! {
    // the outcomes in the words of the manual
    sync_title: "Outras instâncias", "Other courts";
    sync_success: "Sincronização realizada com sucesso em {peer}", "Also works at {peer}";
    sync_pending: "Sincronização com {peer} em andamento. A ativação já vale aqui.", "Still being set up at {peer}. It already works here.";
    sync_error: "Erro ao sincronizar senha de pessoa {id} para {peer}({peer}).", "Could not be set up for person {id} at {peer}({peer}).";
    sync_identifiers: "Identificações:", "Identifiers:";
    sync_cpf: "CPF:", "CPF:";
    sync_sigla: "SIGLA:", "SIGLA:";
    sync_reason: "Motivo:", "Reason:";
    sync_no_record: "Não possui cadastro no destino", "You are not registered there";
    sync_already: "Já possui autenticação em dois fatores no destino", "You already have two-factor authentication there";
    sync_ambiguous: "CPF e sigla pertencem a pessoas diferentes no destino", "CPF and user name belong to different people there";
    sync_refused: "Recusado pelo destino", "Refused there";
    sync_superseded: "Outra alteração, feita ao mesmo tempo, prevaleceu", "Another change, made at the same time, prevailed";
    sync_consequence: "Essa mensagem só se refere à sincronização dos perfis em ambas as instâncias, mas não impedirá a ativação da autenticação em 2 fatores.", "This only concerns {peer}. It does not prevent the activation here.";
    sync_already_keep: "Em {peer} continua valendo a entrada do aplicativo que você já usa lá; não a apague.", "At {peer}, keep using the app entry you already have; do not delete it.";
    sync_reload: "Atualizar a situação", "Check again";
    // the pages of the account
    account_sync_pending: "Sincronização com {peer} em andamento.", "Still being set up at {peer}.";
    account_no_record: "Não sincronizado com {peer}: não possui cadastro lá.", "Not set up at {peer}: you are not registered there.";
    account_already: "Em {peer} vale a entrada própria do aplicativo, que você já usa lá.", "At {peer} you have an app entry of its own.";
    account_superseded: "Em {peer} prevaleceu outra alteração, feita ao mesmo tempo.", "At {peer} another change, made at the same time, prevailed.";
    account_failed: "Não sincronizado com {peer}.", "Not set up at {peer}.";
    account_old_works: "O celular antigo ainda pode valer lá.", "The old phone may still work there.";
    // where an authenticator that ended here may still work
    activated_old_works: "Ela ainda pode valer em: {instances}. O aviso da troca já está a caminho.", "It may still work at: {instances}. The message about the change is on its way.";
    reported_still_active: "O autenticador retirado aqui ainda pode valer em: {instances}. O aviso já está a caminho; se for urgente, fale também com o suporte de lá.", "The authenticator that was removed here may still work at: {instances}. The message is on its way; if it is urgent, call the support team there as well.";
}
