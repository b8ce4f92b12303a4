//! The texts of the screens.

use super::Language;

macro_rules! texts {
    ($($name:ident: $pt:literal, $en:literal;)*) => {
        /// All texts of one language; each is named after its place. They are functions and not fields, so that the wasm
        /// holds only the texts that it shows.
        impl Texts {
            $(pub const fn $name(self) -> &'static str {
                match self.0 {
                    Language::Pt => $pt,
                    Language::En => $en,
                }
            })*
        }
    };
}

#[cfg(feature = "ssr")]
mod history;
mod instances;

/// The texts of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts(pub(super) Language);

texts! {
    // frame
    skip: "Ir para o conteúdo", "Skip to content";
    system: "Sistema de Processos Judiciais por meio eletrônico", "Electronic court case system";
    error_prefix: "Erro", "Error";
    summary_title: "Há um problema", "There is a problem";
    support_phone: "Telefone:", "Telephone:";
    support_email: "E-mail:", "Email:";
    support_or: "ou", "or";
    call: "Ligar para {phone}", "Call {phone}";
    other_language: "English", "Português";
    other_language_tag: "en", "pt-BR";
    page_options: "Opções da página", "Page options";
    steps_label: "Etapas da habilitação", "Steps";
    step_notice: "Aviso", "Notice";
    step_app: "Aplicativo", "App";
    step_mail: "E-mail", "Email";
    step_confirm: "Confirmação", "Confirm";
    step_done: "concluída", "done";
    step_of: "Etapa {n} de 4", "Step {n} of 4";
    cancel: "Cancelar", "Cancel";
    back_to_sign_in: "Ir para a tela de entrada", "Go to sign-in";
    show: "Mostrar", "Show";
    hide: "Ocultar", "Hide";
    working: "Aguarde…", "Please wait…";
    trouble_no_answer: "O e-Proc não respondeu. Confira a conexão com a internet e tente de novo; o que você digitou continua aqui.", "e-Proc did not answer. Check the internet connection and try again; what you typed is still here.";
    trouble_busy: "O e-Proc está ocupado ou em manutenção. Aguarde um instante e tente de novo; o que você digitou continua aqui.", "e-Proc is busy or under maintenance. Wait a moment and try again; what you typed is still here.";
    trouble_not_ours: "A resposta não veio do e-Proc: talvez a rede peça um acesso próprio, como em hotéis. O que você digitou continua aqui.", "The answer did not come from e-Proc: the network may ask for a sign-in of its own, as in hotels. What you typed is still here.";
    retry: "Tentar de novo", "Try again";
    demo_desk: "Correio e relógio da demonstração", "Demo mailbox and clock";

    // sign-in
    sign_in_title: "Entrar", "Sign in";
    login_label: "Usuário", "User name";
    login_hint: "Sigla ou CPF", "Or your CPF";
    password_label: "Senha", "Password";
    show_password: "Mostrar a senha", "Show the password";
    hide_password: "Ocultar a senha", "Hide the password";
    enter: "Entrar", "Sign in";
    second_factor: "Autenticação em dois fatores", "Set up two-factor authentication";
    sign_in_first_time: "Só na primeira vez:", "First time only:";
    forgot: "Esqueci minha senha", "I’ve forgotten my password";
    forgot_help: "A senha é a mesma do e-Proc. Peça uma nova ao suporte:", "It is your e-Proc password. Ask support for a new one:";

    // intro page
    intro_title: "Habilitar a autenticação em dois fatores", "Set up two-factor authentication";
    intro_lead: "A autenticação em dois fatores (2FA) é uma medida de proteção adicional para os usuários no acesso ao sistema e-Proc. O login no sistema somente será possível com a utilização da senha e um código de 6 dígitos gerados por aplicativo no smartphone.", "Two-factor authentication (2FA) gives your e-Proc account extra protection. You will sign in with your password and a 6-digit code from an app on your phone.";
    intro_required: "Seu perfil exige: habilite para continuar.", "Your profile requires it: set it up to continue.";
    intro_voids: "Ao prosseguir, o QR code e os links anteriores deixam de valer.", "If you continue, your earlier QR code and links stop working.";
    intro_expired: "O prazo terminou; o QR code será outro. Apague do aplicativo a entrada {entry} que já criou.", "Time ran out, so the QR code will be a new one. Delete the {entry} entry you already made in the app.";
    intro_stores: "Antes de seguir o passo a passo, instale o aplicativo Google Authenticator no smartphone:", "Before you start, install Google Authenticator on your phone:";
    intro_mail: "Tenha à mão um e-mail pessoal.", "Have a personal email account at hand.";
    no_phone: "Não tem smartphone?", "No smartphone?";
    no_phone_help: "Use no computador o Ente Auth, um programa gratuito para Windows, macOS e Linux que dispensa conta. Na próxima página, abra “Não consegue ler o QR code?” e copie a chave; no programa, escolha + e “Inserir dados manualmente”.", "On your computer, use Ente Auth, a free program for Windows, macOS and Linux that needs no account. On the next page, open “Can’t scan the QR code?” and copy the key; in the program, choose + and “Enter details manually”.";
    no_phone_link: "Baixar o Ente Auth", "Download Ente Auth";
    proceed: "Prosseguir", "Continue";

    // enrol
    enrol_title: "Habilitação da autenticação em dois fatores", "Set up your authenticator app";
    enrol_add: "Utilizando o app instalado no smartphone, clique em “Adicionar um código” ou no botão + e utilize a opção Ler QR code.", "Open the app on your phone and choose “Add a code”, or the + button, then “Scan a QR code”.";
    enrol_scan: "Com a câmera do smartphone, efetue a leitura do QR Code exibido nesta página.", "Point your phone’s camera at this QR code.";
    enrol_no_app: "Ainda não tem o aplicativo?", "Don’t have the app yet?";
    enrol_no_app_help: "Instale o Google Authenticator e volte a esta página:", "Install Google Authenticator, then come back to this page:";
    enrol_cannot_scan: "Não consegue ler o QR code?", "Can’t scan the QR code?";
    enrol_key_help: "No aplicativo, escolha “Inserir chave de configuração”. Nome da conta: {entry}.", "In the app, choose “Enter a setup key”. Account name: {entry}.";
    enrol_other_device: "O aplicativo está em outro aparelho?", "Is the app on another device?";
    enrol_again: "Mostrar de novo o QR code e a chave", "Show the QR code and key again";
    enrol_qr_alt: "QR code da chave de configuração; a mesma chave está escrita nesta página.", "QR code of the setup key; the same key is written on this page.";
    enrol_open_app: "Abrir no aplicativo autenticador", "Open in the authenticator app";
    enrol_key_label: "Chave de configuração, em grupos de quatro", "Setup key, in groups of four";
    enrol_copy: "Copiar a chave", "Copy the key";
    enrol_copied: "Chave copiada.", "Key copied.";
    enrol_copy_failed: "Não foi possível copiar. Selecione a chave e copie.", "Copying did not work. Select the key and copy it.";
    code_label: "Informe o código de 6 dígitos gerado pelo aplicativo de autenticação em 2 fatores:", "Enter the 6-digit code from your authenticator app";
    email_label: "E-mail pessoal*:", "Personal email address*";
    email_rule: "* Não são aceitos sufixos institucionais, como {suffixes}.", "* Not an institutional address, such as one ending in {suffixes}.";
    email_rule_last: " e ", " or ";
    email_purpose: "Usaremos este endereço só para confirmar a ativação e avisar sobre mudanças na autenticação em dois fatores.", "We use this address only to confirm the activation and to tell you about changes to your two-factor authentication.";
    email_keep: "{typed} está certo assim", "{typed} is correct";
    email_use: "Usar {suggestion}", "Use {suggestion}";
    email_question: "Qual é o seu endereço?", "Which is your address?";
    enrol_known_email: "O link de ativação vai para o seu e-mail pessoal, {email}.", "The activation link goes to your personal email, {email}.";
    enrol_send: "Enviar link de ativação", "Send activation link";
    enrol_session: "Por segurança, esta página vale até {until}.", "For your security, this page expires at {until}.";
    enrol_extend: "Preciso de mais tempo", "I need more time";
    enrol_extended: "Pronto: página válida até {until}.", "Done: page valid until {until}.";
    enrol_ending: "Faltam menos de 5 minutos para esta página perder a validade. Se precisar, use “Preciso de mais tempo”.", "This page expires in less than 5 minutes. If you need to, use “I need more time”.";
    cure_title: "O código não é aceito?", "Code not accepted?";
    cure_clock: "Ligue a data e hora automáticas do celular.", "Turn on automatic date and time on your phone.";
    cure_entry: "Use o código da entrada {entry}.", "Use the code of the {entry} entry.";
    cure_old: "Há duas entradas {entry}? Use a mais nova e apague a antiga.", "Two {entry} entries? Use the newer one and delete the old one.";

    // mail sent
    mail_title: "Abra o link que enviamos", "Check your email";
    mail_retrying_title: "O e-mail ainda não saiu", "The email has not left yet";
    mail_failed_title: "O e-mail foi recusado", "The email was refused";
    mail_over_title: "O link venceu", "The link has expired";
    mail_sends: "O sistema enviará um link de ativação para o e-mail cadastrado.", "We sent an email with a link.";
    mail_confirm: "Ao acessar o link, será necessário confirmar a ativação da autenticação em 2 fatores.", "Open the link and confirm the activation.";
    mail_waiting: "Aguardando a confirmação em {address}", "Waiting for you to confirm at {address}";
    mail_again: "Um novo e-mail está a caminho de {address}.", "A new email is on its way to {address}.";
    mail_any_browser: "O link pode ser aberto em qualquer navegador.", "You can open the link in any browser.";
    mail_continues: "Depois da confirmação, esta página continua sozinha. Se não continuar:", "Once you confirm, this page continues by itself. If it doesn’t:";
    mail_spam: "Veja também a pasta de spam.", "Look in your spam folder too.";
    mail_check: "Verificar agora", "Check now";
    mail_reload: "Já confirmei", "I have confirmed";
    mail_until: "O link vale até {until}.", "The link works until {until}.";
    mail_queued: "O e-mail está sendo enviado.", "The email is being sent.";
    mail_retrying: "O servidor de correio não aceitou o e-mail. Tentaremos de novo.", "The mail server did not take the email. We keep trying.";
    mail_accepted: "Enviado às {clock}.", "Sent at {clock}.";
    mail_failed: "Corrija o endereço.", "Correct the address.";
    mail_accepted_details: "O servidor de correio aceitou a mensagem às {clock}. A entrega depende do provedor de {address}.", "The mail server took the message at {clock}. Delivery is up to the provider of {address}.";
    mail_link_over: "Peça um novo.", "Ask for a new one.";
    mail_not_there: "O e-mail não chegou?", "No email?";
    mail_not_there_help: "Confira o endereço.", "Check the address.";
    resend: "Enviar novo e-mail", "Send a new email";
    resend_from: "Um novo e-mail pode ser enviado a partir de {until}.", "You can send a new email from {until}.";
    change_email: "Corrigir o endereço", "Correct the address";
    start_over: "Começar de novo", "Start over";
    mail_provisional: "Precisa entrar já? Até a confirmação, você pode entrar com senha e o próximo código do aplicativo mais {times}.", "Need to get in now? Until you confirm, you can sign in with your password and the app’s next code {times} more.";
    mail_provisional_go: "Entrar provisoriamente", "Sign in provisionally";
    mail_home: "Ir para a página inicial", "Go to the home page";
    change_title: "Corrigir o e-mail pessoal", "Correct your email address";
    change_lead: "O link anterior deixa de valer.", "The earlier link stops working.";
    change_send: "Enviar para este endereço", "Send to this address";
    back: "Voltar", "Back";

    // link page
    link_title: "Confirmar a ativação", "Confirm the activation";
    link_question: "Confirma a ativação da autenticação em 2 fatores?", "Activate two-factor authentication?";
    link_summary: "{who}, {at}, {browser}", "{who}, {at}, {browser}";
    link_address: "Endereço de rede", "Network address";
    link_until: "Link válido até", "Link works until";
    confirm: "Confirmar", "Confirm";
    not_me: "Não fui eu", "It wasn’t me";
    link_nothing_yet: "Nada muda enquanto você não confirmar.", "Nothing changes until you confirm.";
    unknown_client: "não identificado", "not identified";
    refused_unknown_title: "Link incompleto", "Incomplete link";
    refused_expired_title: "Link vencido", "This link has expired";
    refused_used_title: "Link já usado", "This link has been used";
    refused_replaced_title: "Link substituído", "This link was replaced";
    refused_cancelled_title: "Habilitação cancelada", "Setup was cancelled";
    go_sign_in: "Entrar", "Sign in";
    refused_unknown: "Abra o link inteiro do e-mail ou entre para receber outro.", "Open the whole link from the email, or sign in to get another.";
    refused_expired: "Entre para receber outro.", "Sign in to get another.";
    refused_used: "Se foi você, entre com senha e código.", "If it was you, sign in with your password and code.";
    refused_newer: "Use o link do e-mail mais recente ou entre para recomeçar.", "Use the link in the latest email, or sign in to start again.";
    refused_address: "Use o link enviado ao novo endereço ou entre para receber outro.", "Use the link sent to the new address, or sign in to get another.";
    refused_cancelled: "Para habilitar, entre e comece de novo.", "To set it up, sign in and start again.";
    denied_title: "A habilitação foi cancelada", "Setup was cancelled";
    denied_text: "Nada foi ativado e o link não vale mais.", "Nothing was activated and the link no longer works.";
    denied_next: "Se a conta é sua, alguém sabe a sua senha: troque-a e fale com o suporte.", "If the account is yours, someone knows your password: change it and talk to support.";

    // activated
    activated_title: "Autenticação em dois fatores ativada", "Two-factor authentication is active";
    activated: "A autenticação em 2 fatores foi ativada.", "Two-factor authentication is active.";
    activated_next: "Para efetuar o login no sistema, bastará que o usuário vá até a tela inicial do e-Proc, informe usuário e senha e clique no botão “Entrar”. O sistema solicitará o código exibido no app do smartphone.", "To sign in, go to the e-Proc start page, enter your user name and password and press “Sign in”. You will then be asked for the code shown in the app.";
    activated_entry: "Se o aplicativo tiver outra entrada {entry}, mais antiga, apague a antiga.", "If the app has another, older {entry} entry, delete the older one.";
    activated_enter: "Entrar com o código", "Sign in with the code";
    activated_replaced: "O novo celular está valendo.", "The new phone works now.";
    activated_old_phone: "No celular antigo, apague a entrada {entry}: ela não vale mais aqui.", "On the old phone, delete the {entry} entry: it no longer works here.";
    activated_gone_title: "Esta página não está mais disponível", "This page is no longer available";
    activated_gone: "Entre com senha e código.", "Sign in with your password and code.";

    // code
    code_title: "Código exibido no app do smartphone", "Enter the 6-digit code from your authenticator app";
    code_for: "Digite os 6 dígitos da entrada {entry}. Usuário: {sigla}.", "Look for {entry} in the app. User name: {sigla}.";
    code_lost: "Não consegue usar o celular?", "Can’t use your phone?";
    code_lost_help: "Sem o celular, só o suporte pode liberar o acesso. Tenha o seu usuário à mão e ligue:", "Without the phone, only support can let you in. Have your user name ready and call:";
    code_locked_title: "Muitas tentativas", "Too many attempts";
    code_locked_until: "Tente de novo às {until}.", "Try again at {until}.";
    code_locked_for_good: "Abra o link enviado aos seus e-mails cadastrados. Sem ele, ligue para o suporte.", "Open the link that was mailed to your registered addresses. Without it, call support.";
    code_provisional: "Falta confirmar pelo e-mail: você pode entrar mais {times}.", "Not confirmed by email yet: you can sign in {times} more.";
    code_submit: "Entrar", "Sign in";
    code_other_person: "Entrar com outro usuário", "Sign in as someone else";
    leave: "Sair", "Sign out";

    // without the phone
    lost_title: "Entrar sem o celular", "Sign in without your phone";
    lost_code: "Código de recuperação", "Recovery code";
    lost_code_hint: "Um dos dez que você guardou. Cada um vale uma vez.", "One of the ten you kept. Each works once.";
    lost_other: "Tem outro aplicativo cadastrado? O código dele também serve.", "Is another app set up? Its code works too.";
    lost_other_go: "Digitar o código", "Enter its code";
    lost_found: "Encontrei o celular", "I’ve found my phone";

    entry_heading: "Com o suporte", "With support";
    entry_what: "O suporte confere quem você é e libera este navegador.", "Support checks who you are and lets this browser go on.";
    entry_ask: "Pedir um número", "Ask for a number";
    entry_call: "Ligue para o suporte e diga este número:", "Call support and say this number:";
    entry_stolen: "Ao liberar, o suporte retira o celular roubado.", "When they let you go on, support removes the stolen phone.";
    entry_until: "O número vale até {until}, só para este navegador.", "The number works until {until}, for this browser only.";
    entry_check: "Já fui liberado", "I have been let on";
    entry_waiting: "Aguardando o suporte.", "Waiting for support.";
    entry_go: "Liberado.", "You may go on.";
    entry_unknown: "Nenhum pedido espera com este número. Confira com a pessoa ou peça um número novo.", "No request waits with this number. Check it with the person, or ask for a new one.";
    entry_own: "O pedido é da sua própria conta: outra pessoa do suporte precisa atendê-lo.", "The request is of your own account: another member of support has to handle it.";
    entry_too_many: "Você já liberou hoje todos os pedidos que uma pessoa pode liberar.", "You have approved as many requests today as one person may.";
    entry_twice: "Você já conferiu este pedido: falta outra pessoa.", "You have approved this request: somebody else has to, too.";
    entry_blocked: "A conta está bloqueada. Ela volta a abrir com uma senha nova.", "The account is blocked. It opens again with a new password.";
    mailbox_heading: "Pelo e-mail pessoal, com espera", "By personal email, after a wait";
    mailbox_what: "Em {wait} enviamos um link ao seu e-mail pessoal. Todos os seus e-mails cadastrados são avisados agora.", "In {wait} we mail a link to your personal email address. All your registered addresses are told now.";
    mailbox_ask: "Pedir o link", "Ask for the link";
    mailbox_asked: "O link será enviado ao seu e-mail pessoal em {until}. Pode fechar esta página.", "The link will be mailed to your personal address at {until}. You can close this page.";
    mailbox_mailed: "O link foi enviado ao seu e-mail pessoal.", "The link was mailed to your personal address.";
    stolen_title: "O celular foi roubado", "My phone was stolen";
    stolen_effect: "Os códigos daquele celular deixam de valer já, e as outras sessões terminam.", "The codes of that phone stop working at once, and the other sessions end.";
    stolen_code: "Código de recuperação, ou de outro aplicativo", "Recovery code, or a code of another app";
    stolen_code_hint: "Não use o código do celular roubado.", "Don’t use a code of the stolen phone.";
    stolen_report: "Retirar o celular", "Remove the phone";
    stolen_ask: "Pedir ao suporte", "Ask support";
    recovery_link_title: "Entrar sem o celular", "Get in without the phone";
    recovery_link_asked: "Informe a senha de {who} para habilitar o novo celular.", "Enter the password of {who} to set up the new phone.";
    recovery_link_not_you: "Não foi você que pediu? Feche esta página e fale com o suporte:", "Wasn’t it you who asked? Close this page and contact support:";

    // support desk
    desk_title: "Suporte", "Support";
    desk_link: "Atender pedidos do suporte", "Handle support requests";
    desk_number: "Número do pedido", "Request number";
    desk_number_hint: "Os 6 dígitos que a pessoa vê na tela.", "The 6 digits on the person’s screen.";
    desk_find: "Abrir o pedido", "Open the request";
    desk_entry_title: "Pedido de {name}", "Request of {name}";
    desk_emails: "E-mails", "Email addresses";
    desk_from: "Pedido feito de", "Asked from";
    desk_until: "Vale até", "Works until";
    desk_check: "Como você conferiu a identidade?", "How did you check who it is?";
    check_in_person: "Presencialmente, com documento", "In person, with a document";
    check_video: "Por vídeo, com documento", "By video, with a document";
    check_call_back: "Ligando de volta para um contato já cadastrado", "By calling back a contact registered before";
    desk_reason: "Chamado e motivo", "Ticket and reason";
    desk_code: "O seu código", "Your own code";
    desk_approve: "Liberar", "Approve";
    desk_effect: "Só o navegador que pediu continua, e só para habilitar o novo celular. A pessoa e todos os contatos são avisados.", "Only the browser that asked goes on, and only to set up the new phone. The person and every contact are told.";
    desk_stolen: "Celular roubado: ao liberar, ele deixa de valer.", "Stolen phone: it stops working when you approve.";
    desk_needs_two: "Esta pessoa tem privilégios: são precisas duas liberações, uma de supervisor.", "This person has privileges: two approvals are needed, one by a supervisor.";
    desk_needs_another: "Falta a segunda liberação, de outra pessoa.", "The second approval is missing, by somebody else.";
    desk_approved: "Liberado. A pessoa já pode continuar.", "Approved. The person can go on.";
    desk_second_needed: "Registrado. Falta a liberação de outra pessoa, e uma delas precisa ser de supervisor.", "Recorded. Somebody else has to approve too, and one of you must be a supervisor.";
    happened_password: "{clock} senha certa", "{clock} right password";
    happened_wrong_one: "1 código errado", "1 wrong code";
    happened_wrong: "{n} códigos errados", "{n} wrong codes";
    happened_clock: "relógio do celular {by}", "phone’s clock {by}";
    happened_locked: "novos códigos só às {until}", "no more codes until {until}";

    // one more code
    proof_why: "Confirme que é você: esta página muda os meios de entrar na sua conta.", "Confirm that it is you: this page changes the ways into your account.";
    proof_label: "Código do aplicativo", "Code from your app";
    proof_hint: "O código de 6 dígitos que o aplicativo mostra agora, ou um código de recuperação.", "The 6-digit code the app shows now, or a recovery code.";
    proof_submit: "Continuar", "Continue";

    // authenticators
    app_unnamed: "Aplicativo sem nome", "App without a name";
    app_since: "{name}, desde {since}", "{name}, since {since}";
    new_phone_title: "Novo celular", "New phone";
    new_phone_lead: "Tenha o celular novo à mão. O antigo vale até você confirmar pelo e-mail.", "Have the new phone at hand. The old one works until you confirm by email.";
    new_phone_old: "E o celular antigo?", "And the old phone?";
    new_phone_replace: "Deixa de valer", "It stops working";
    new_phone_replace_one: "Deixa de valer: {name}", "Stops working: {name}";
    new_phone_add: "Nenhum deixa de valer: quero mais um", "None stops working: I want one more";
    new_phone_name: "Nome do novo celular", "Name of the new phone";
    new_phone_name_hint: "Se quiser, para reconhecê-lo depois.", "If you like, to recognise it later.";
    apps_title: "Aplicativos cadastrados", "Apps that are set up";
    apps_which: "Qual?", "Which one?";
    apps_name: "Novo nome", "New name";
    apps_rename: "Mudar o nome", "Change the name";
    apps_remove: "Remover", "Remove";
    apps_last: "O único aplicativo não pode ser removido, só trocado:", "The only app cannot be removed, only replaced:";
    apps_done: "Pronto.", "Done.";

    // sessions, history, block
    sessions_title: "Sessões abertas", "Open sessions";
    sessions_this: "esta", "this one";
    sessions_waits: "espera o código", "waits for the code";
    sessions_facts: "Endereço {ip}, desde {since}, último uso {seen}", "Address {ip}, since {since}, last used {seen}";
    sessions_end: "Encerrar", "End";
    sessions_end_one: "Encerrar a sessão de {browser}", "End the session of {browser}";
    sessions_end_others: "Encerrar todas as outras", "End all others";
    sessions_unknown: "Não reconhece alguma?", "Is there one you don’t recognise?";
    history_title: "Histórico", "History";
    block_title: "Bloquear minha conta", "Block my account";
    block_effect: "Todas as sessões terminam e ninguém entra até o suporte entregar uma senha nova.", "All sessions end, and nobody gets in until support hands over a new password.";
    block_button: "Bloquear agora", "Block now";
    block_undone: "Aplicativos e códigos de recuperação criados há pouco em outras sessões deixam de valer.", "Apps and recovery codes made lately in other sessions stop working.";

    // recovery codes
    codes_title: "Códigos de recuperação", "Recovery codes";
    codes_what: "Dez códigos para entrar se você perder o celular. Cada um vale uma vez, no lugar do código do aplicativo.", "Ten codes to sign in with if you lose your phone. Each works once, in place of the app’s code.";
    codes_left: "Restam {left}, criados {made}.", "{left} left, made {made}.";
    codes_not_shown_kept: "Falta confirmar que você os guardou.", "You have not confirmed yet that you kept them.";
    codes_make: "Criar os códigos", "Make the codes";
    codes_make_again: "Criar novos códigos", "Make new codes";
    codes_again_effect: "Os anteriores deixam de valer.", "The earlier ones stop working.";
    codes_once: "Guarde-os agora, longe do celular: não serão mostrados de novo.", "Keep them now, away from your phone: they will not be shown again.";
    codes_sheet: "{instance}: códigos de recuperação de {sigla}, criados em {made}. Valem só aqui, uma vez cada.", "{instance}: recovery codes of {sigla}, made {made}. They work only here, once each.";
    codes_file: "codigos-de-recuperacao.txt", "recovery-codes.txt";
    codes_download: "Baixar", "Download";
    codes_copy: "Copiar", "Copy";
    codes_copied: "Códigos copiados.", "Codes copied.";
    codes_copy_failed: "Não foi possível copiar. Selecione os códigos e copie.", "Copying did not work. Select the codes and copy them.";
    codes_print: "Imprimir", "Print";
    codes_retype: "Já guardou? Digite um deles", "Kept them? Enter one of them";
    codes_retype_hint: "Ele continua valendo.", "It stays valid.";
    codes_keep: "Confirmar que guardei", "Confirm that I kept them";
    codes_skip: "Agora não", "Not now";
    codes_kept: "Pronto: seus códigos estão guardados.", "Done: your codes are kept.";
    codes_offer: "Se perder o celular, códigos de recuperação deixam você entrar.", "If you lose your phone, recovery codes let you in.";
    codes_few: "Códigos de recuperação restantes: {left}.", "Recovery codes left: {left}.";
    codes_few_go: "Criar novos", "Make new ones";
    codes_row_none: "nenhum", "none";
    codes_row_left: "{left} de 10", "{left} of 10";

    // home
    home_title: "Início", "Home";
    home_welcome: "Bem-vindo(a), {name}", "Welcome, {name}";
    home_signed_in: "Você entrou no {instance}.", "You are signed in to {instance}.";
    home_door: "Abrir o e-Proc", "Go to e-Proc";
    home_person: "Sua conta", "Your account";
    home_user: "Usuário", "User";
    home_profiles: "Perfis", "Profiles";
    home_no_profiles: "nenhum", "none";
    home_instance: "Instância", "Court";
    home_previous: "Acesso anterior", "Previous sign-in";
    home_first: "este é o primeiro", "this is the first";
    home_factor: "Autenticação em dois fatores", "Two-factor authentication";
    factor_active: "Ativa desde {since}.", "Active since {since}.";
    factor_origin: "Habilitada em {origin}.", "Set up at {origin}.";
    factor_used: "Último código aceito: {at}.", "Last accepted code: {at}.";
    factor_pending: "Aguardando a confirmação pelo e-mail.", "Waiting for you to confirm by email.";
    factor_none: "Não habilitada.", "Not set up.";
    factor_none_required: "Seu perfil vai exigi-la em breve.", "Your profile will soon require it.";
    factor_enable: "Habilitar agora", "Set it up now";
    factor_go_pending: "Ver a habilitação", "See the setup";
    home_provisional: "Entrada provisória: confirme a ativação pelo link enviado ao seu e-mail.", "Temporary sign-in: confirm the activation with the link we emailed you.";
    account_title: "Segurança da conta", "Account security";
    account_back: "Voltar ao início", "Back to home";
    account_email: "E-mail pessoal", "Personal email";
    account_lost: "Perdeu ou trocou o celular? Fale com o suporte:", "Lost or changed your phone? Call support:";

    // not me
    sign_in_link_title: "Liberar este navegador?", "Let this browser try?";
    sign_in_link_asked: "Houve tentativas demais de entrar na conta de {who}. Com um toque, este navegador pode tentar de novo.", "There were too many attempts to sign in as {who}. One press lets this browser try again.";
    sign_in_link_button: "Liberar este navegador", "Let this browser try";
    sign_in_link_warning: "Pressione só se é você quem vai entrar, neste navegador. A senha e o código continuam a ser pedidos.", "Press it only if it is you who will sign in, in this browser. The password and the code are still asked for.";
    sign_in_link_done_title: "Navegador liberado", "This browser may try";
    sign_in_link_done: "Agora entre com o usuário e a senha, neste navegador.", "Now sign in with user name and password, in this browser.";
    not_me_title: "Não foi você?", "Wasn’t it you?";
    not_me_started: "Alguém começou a habilitar a autenticação em dois fatores de {who}.", "Someone started to set up two-factor authentication for {who}.";
    not_me_activated: "A autenticação em dois fatores de {who} foi ativada.", "The two-factor authentication of {who} was activated.";
    not_me_password: "Alguém digitou a senha de {who} e não informou o código.", "Someone typed the password of {who} and gave no code.";
    not_me_changed: "A segurança da conta de {who} mudou.", "The security of {who}’s account was changed.";
    not_me_changes_undone: "Com o bloqueio, o que foi feito é desfeito e todas as sessões terminam.", "Blocking undoes what was done and ends all sessions.";
    not_me_effect: "Bloqueie: só senha nova reabre a conta.", "Block the account: only a new password reopens it.";
    not_me_undone: "Com o bloqueio, a habilitação é desfeita e todas as sessões terminam.", "Blocking undoes the setup and ends all sessions.";
    not_me_sessions: "Com o bloqueio, todas as sessões terminam.", "Blocking ends all sessions.";
    not_me_button: "Não fui eu: bloquear a conta", "It wasn’t me: block the account";
    not_me_was_me: "Se foi você, não é preciso fazer nada. Pode fechar esta página.", "If it was you, there is nothing to do. You can close this page.";
    reported_title: "A conta foi bloqueada", "The account was blocked";
    reported_text: "Ninguém entra até o suporte entregar uma senha nova.", "Nobody gets in until support hands over a new password.";

    // privacy
    privacy_title: "Privacidade", "Privacy";
    privacy_email: "O e-mail pessoal serve só para confirmar a ativação da autenticação em dois fatores e avisar sobre mudanças nela. Fica cifrado.", "Your personal email address is used only to confirm the activation of two-factor authentication and to tell you about its changes. It is kept encrypted.";
    privacy_cookies: "Usamos só cookies necessários: sessão, habilitação em andamento, idioma e reconhecimento deste navegador. O e-mail em digitação fica só nesta aba, até a página seguinte.", "We use necessary cookies only: the session, the setup in progress, the language, and recognising this browser. The address you are typing stays in this tab, until the next page.";
    privacy_log: "Registramos data, hora, navegador e endereço de rede de cada acesso e mudança, para a sua segurança (LGPD, art. 7º, II e IX).", "We record date, time, browser and network address of each sign-in and change, for your safety (LGPD, art. 7, II and IX).";
    privacy_rights: "Para saber o que guardamos ou pedir a exclusão do e-mail após a desativação, fale com o suporte:", "To learn what we keep, or to have the address erased after deactivation, contact support:";

    // faults
    fault_title: "Não foi possível concluir", "This did not work";
    fault_text: "Tente de novo em instantes.", "Try again in a moment.";
    fault_kept: "A falha foi nossa. Nada do que você já havia concluído se perdeu.", "Something failed on our side. Nothing you had completed is lost.";
    fault_reference: "Se precisar do suporte, informe a referência {reference}:", "If you need support, give the reference {reference}:";
    busy_title: "Muitas pessoas entrando agora", "Many people are signing in now";
    busy_text: "Espere dez segundos e entre de novo.", "Wait ten seconds and sign in again.";
    busy_why: "A sua tentativa não foi contada, e nada do que você já havia concluído se perdeu.", "Your attempt was not counted, and nothing you had completed is lost.";
    not_found_title: "Página não encontrada", "Page not found";
    not_found_text: "Confira o endereço.", "Check the address.";
    forbidden_title: "Pedido recusado", "Request refused";
    forbidden_text: "Abra a página de novo e repita.", "Open the page again and repeat.";
    forbidden_why: "O formulário não foi enviado por uma página deste sistema.", "The form was not sent by a page of this system.";
    bad_form_title: "Formulário incompleto", "Incomplete form";
    bad_form_text: "Preencha a página outra vez.", "Fill in the page again.";
    bad_form_why: "Nada foi alterado.", "Nothing was changed.";

    // problems
    problem_missing_login: "Digite o seu usuário.", "Enter your user name.";
    problem_missing_password: "Digite a sua senha.", "Enter your password.";
    problem_missing_code: "Digite o código de 6 dígitos que o aplicativo mostra.", "Enter the 6-digit code the app shows.";
    problem_missing_email: "Digite o seu e-mail pessoal.", "Enter your personal email address.";
    problem_missing_recovery_code: "Digite um código de recuperação.", "Enter a recovery code.";
    problem_recovery_code_shape: "O código de recuperação tem 10 letras e números, como 7K3M9-QXA2B. Confira e digite de novo.", "A recovery code has 10 letters and digits, like 7K3M9-QXA2B. Check it and enter it again.";
    problem_recovery_code_wrong: "O código de recuperação não confere. Confira as letras ou use outro.", "That recovery code is not right. Check its letters, or use another.";
    problem_recovery_code_used: "Este código de recuperação já foi usado. Use outro.", "That recovery code has been used. Use another.";
    problem_missing_number: "Digite o número do pedido.", "Enter the request number.";
    problem_missing_check: "Diga como você conferiu a identidade.", "Say how you checked who it is.";
    problem_missing_reason: "Escreva o número do chamado e o motivo.", "Write the ticket number and the reason.";
    problem_too_long: "O texto é longo demais. Confira e digite de novo.", "The text is too long. Check it and type it again.";
    problem_credentials: "Usuário ou senha não conferem. Tente de novo ou use “Esqueci minha senha”.", "User name or password is not right. Try again, or use “I’ve forgotten my password”.";
    problem_blocked: "Conta bloqueada: ligue para", "This account is blocked: call";
    problem_session_over: "O tempo para concluir terminou. Informe usuário e senha de novo para continuar.", "Time ran out. Sign in again to continue.";
    problem_code_shape: "O código tem 6 dígitos. Digite só os números que o aplicativo mostra.", "The code has 6 digits. Enter only the numbers the app shows.";
    problem_code_wrong: "O código não confere. Digite o código que o aplicativo mostra agora.", "That code is not right. Enter the code the app shows now.";
    problem_code_used: "Este código já foi usado. Aguarde o próximo, que aparece em até 30 segundos.", "That code has been used. Wait for the next one, within 30 seconds.";
    problem_code_again: "Digite o código outra vez: o que o aplicativo mostra agora.", "Enter the code again: the one the app shows now.";
    problem_clock_ahead: "O código é de outro horário: o relógio do seu celular está cerca de {by} adiantado. Ative a data e hora automáticas no celular e digite o novo código.", "Your phone’s clock is about {by} fast. Turn on automatic date and time, then enter the new code.";
    problem_clock_behind: "O código é de outro horário: o relógio do seu celular está cerca de {by} atrasado. Ative a data e hora automáticas no celular e digite o novo código.", "Your phone’s clock is about {by} slow. Turn on automatic date and time, then enter the new code.";
    less_than_a_minute: "menos de 1 minuto", "less than 1 minute";
    problem_locked: "Houve muitas tentativas sem sucesso. Tente de novo às {until}.", "There were too many failed attempts. Try again at {until}.";
    problem_locked_for_good: "Houve tentativas demais sem sucesso. Abra o link enviado aos e-mails cadastrados. Sem ele, ligue para", "There were too many failed attempts. Open the link that was mailed to the registered addresses. Without it, call";
    problem_network_busy: "Muitas senhas erradas vieram da rede que você usa. Tente de novo às {until}, ou entre por outra rede.", "Many wrong passwords came from the network that you use. Try again at {until}, or use another network.";
    problem_address: "O endereço não está completo. Digite-o como nome@exemplo.com.", "The address is not complete. Enter it like name@example.com.";
    problem_institutional: "Endereços terminados em {suffix} não são aceitos. Informe um e-mail particular.", "Addresses ending in {suffix} are not accepted. Enter a private one.";
    problem_suggestion: "Confira o endereço: você quis dizer {suggestion}?", "Check the address: did you mean {suggestion}?";
    problem_resend_wait: "Um novo e-mail só pode ser enviado às {until}.", "You can send a new email at {until}.";
    problem_needs_approval: "A primeira habilitação precisa ser liberada pelo suporte: ligue para", "Support has to approve the first setup: call";
    problem_gone: "Esta habilitação terminou ou foi substituída. Comece de novo.", "This setup is over or was replaced. Start again.";
    problem_incomplete: "O formulário chegou incompleto. Preencha de novo.", "The form arrived incomplete. Fill it in again.";
    problem_unavailable: "Ocorreu uma falha nossa. Tente de novo em instantes. Referência: {reference}", "Something on our side failed. Try again in a moment. Reference: {reference}";

    // times
    time_until: "{clock} (em {left})", "{clock} (in {left})";
    time_date: "{date} às {clock}", "{date} at {clock}";
    time_today: "hoje às {clock}", "today at {clock}";
    time_both: "{a} e {b}", "{a} and {b}";
    once: "1 vez", "once";
    many_times: "{n} vezes", "{n} times";
    one_second: "1 segundo", "1 second";
    many_seconds: "{n} segundos", "{n} seconds";
    one_minute: "1 minuto", "1 minute";
    many_minutes: "{n} minutos", "{n} minutes";
    one_hour: "1 hora", "1 hour";
    many_hours: "{n} horas", "{n} hours";
    one_day: "1 dia", "1 day";
    many_days: "{n} dias", "{n} days";

    // profiles
    profile_lawyer: "Advogado(a)", "Lawyer";
    profile_prosecutor: "Procurador(a)", "Prosecutor";
    profile_defender: "Defensor(a) público(a)", "Public defender";
    profile_police: "Autoridade policial", "Police authority";
    profile_expert: "Perito(a)", "Expert";
    profile_citizen: "Parte sem advogado", "Citizen without a lawyer";
    profile_magistrate: "Magistrado(a)", "Magistrate";
    profile_staff: "Servidor(a)", "Court staff";
    profile_trainee: "Estagiário(a)", "Trainee";
    profile_support: "Suporte", "Support";
    profile_supervisor: "Supervisor(a) do suporte", "Support supervisor";
}
