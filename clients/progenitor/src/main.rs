//! What an agent desktop does, by the Rust client that progenitor makes of the document.

use std::error::Error;
use std::fmt::Debug;

use profiles::Client;
use profiles::types::{
    AddressRecordInput, CustomerId, Identified, PhoneRecordInput, Profile, ProfileInput,
    ProfileInputPhoneNumber, ProfilePatch, QueryProfileExtensionsItem,
};
use progenitor_client::ResponseValue;

mod profiles {
    progenitor::generate_api!(spec = "openapi.json", interface = Builder);
}

const NUMBER: &str = "+1 805 555 0101";

type Failure = Box<dyn Error>;
type Answered =
    Result<ResponseValue<Profile>, progenitor_client::Error<progenitor_client::ByteStream>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let address = std::env::args().nth(1).ok_or("which address?")?;
    walk(&Client::new(&address)).await
}

async fn walk(client: &Client) -> Result<(), Failure> {
    let created = client.create_profile().body(given()?).send().await?;
    let bruce = &created.customer_id;

    let found = query(client, bruce).await?;
    same(&number(&found), &Some(NUMBER));
    same(&city(&found), &Some("Dayton"));

    let tag = found.headers()["ETag"].to_str()?;
    let mut changed = put_back(&found)?;
    changed.first_name = Some("Robert".into());
    update(client, bruce, &changed, tag).await?;
    refused(412, update(client, bruce, &changed, tag).await);

    let listed = client
        .identify_profiles()
        .phone_number(vec![NUMBER.to_string()])
        .send()
        .await?;
    let Identified::ProfileList(list) = listed.into_inner() else {
        return Err("is not a list".into());
    };
    same(
        &list
            .iter()
            .map(|each| &each.customer_id)
            .collect::<Vec<_>>(),
        &vec![bruce],
    );

    // A type of progenitor has no null: None is left out, so that the last name stays.
    let patch = ProfilePatch::builder()
        .first_name("Bob".to_string())
        .last_name(None);
    client
        .patch_profile()
        .customer_id(bruce.clone())
        .body(patch)
        .send()
        .await?;
    let again = query(client, bruce).await?;
    same(&again.first_name.as_deref(), &Some("Bob"));
    same(&again.last_name.as_deref(), &Some("Banner"));
    same(&number(&again), &Some(NUMBER));

    client
        .delete_profile()
        .customer_id(bruce.clone())
        .send()
        .await?;
    refused(404, query(client, bruce).await);
    Ok(())
}

fn given() -> Result<ProfileInput, Failure> {
    let phone: PhoneRecordInput = PhoneRecordInput::builder()
        .phone_number(Some(NUMBER.parse()?))
        .phone_type(1)
        .try_into()?;
    let address: AddressRecordInput = AddressRecordInput::builder()
        .city(Some("Dayton".parse()?))
        .try_into()?;
    let profile = ProfileInput::builder()
        .first_name("Bruce".to_string())
        .last_name("Banner".to_string())
        .phone_number(ProfileInputPhoneNumber::Array(vec![NUMBER.to_string()]))
        .phone(vec![phone])
        .address(address);
    Ok(profile.try_into()?)
}

async fn query(client: &Client, id: &CustomerId) -> Answered {
    let extensions = vec![
        QueryProfileExtensionsItem::Phone,
        QueryProfileExtensionsItem::Address,
    ];
    client
        .query_profile()
        .customer_id(id.clone())
        .extensions(extensions)
        .send()
        .await
}

async fn update(client: &Client, id: &CustomerId, profile: &ProfileInput, tag: &str) -> Answered {
    client
        .update_profile()
        .customer_id(id.clone())
        .if_match(tag)
        .body(profile.clone())
        .send()
        .await
}

/// What was answered, as it is written.
fn put_back(answered: &Profile) -> serde_json::Result<ProfileInput> {
    serde_json::from_value(serde_json::to_value(answered)?)
}

fn number(profile: &Profile) -> Option<&str> {
    profile.phone[0].phone_number.as_deref().map(String::as_str)
}

fn city(profile: &Profile) -> Option<&str> {
    profile
        .address
        .as_ref()?
        .city
        .as_deref()
        .map(String::as_str)
}

/// Refusals are of a dozen types, which progenitor gives up on: there is but the status.
fn refused(status: u16, answered: Answered) {
    let error = answered.expect_err("was not refused");
    same(&error.status().map(|each| each.as_u16()), &Some(status));
}

fn same<T: PartialEq + Debug>(found: &T, expected: &T) {
    assert_eq!(found, expected);
}
