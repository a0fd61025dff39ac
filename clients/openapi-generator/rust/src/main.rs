//! What an agent desktop does, by the Rust client that is generated from the document.

use std::error::Error;

use profiles::apis::configuration::Configuration;
use profiles::apis::profiles_api as api;
use profiles::apis::{Error as ClientError, ResponseContent};
use profiles::models::{
    AddressRecordInput, Identified, PhoneRecordInput, Profile, ProfileInput,
    ProfileInputPhoneNumber, ProfilePatch,
};

const NUMBER: &str = "+1 805 555 0101";

type Failure = Box<dyn Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let base_path = std::env::args().nth(1).ok_or("which address?")?;
    walk(&Configuration {
        base_path,
        ..Configuration::new()
    })
    .await
}

async fn walk(service: &Configuration) -> Result<(), Failure> {
    let created =
        api::create_profile(service, given(), None, None, None, None, None, None, None).await?;
    let bruce = created.customer_id.as_str();

    let found = query(service, bruce).await?;
    assert_eq!(number(&found), Some(NUMBER));
    assert_eq!(
        found.address.as_ref().and_then(|each| each.city.as_deref()),
        Some("Dayton")
    );

    // The client drops the headers of an answer; the history has what is quoted in an ETag.
    let history = api::read_history(service, bruce, Some(1), None, None).await?;
    let tag = format!("\"{}\"", history[0].etag);
    let mut changed = put_back(&found)?;
    changed.first_name = Some("Robert".to_string());
    update(service, bruce, &changed, &tag).await?;
    refused(412, update(service, bruce, &changed, &tag).await);

    assert_eq!(identified(service, NUMBER).await?, [bruce]);

    let patch = ProfilePatch {
        first_name: Some(Some("Bob".to_string())),
        last_name: Some(None),
        ..ProfilePatch::new()
    };
    api::patch_profile(
        service, bruce, patch, None, None, None, None, None, None, None,
    )
    .await?;
    let again = query(service, bruce).await?;
    assert_eq!(
        (again.first_name.as_deref(), &again.last_name),
        (Some("Bob"), &None)
    );
    assert_eq!(number(&again), Some(NUMBER));

    api::delete_profile(service, bruce, None, None, None, None, None, None).await?;
    refused(404, query(service, bruce).await);
    Ok(())
}

fn given() -> ProfileInput {
    let number = Some(NUMBER.to_string());
    let phone = PhoneRecordInput {
        phone_number: number,
        phone_type: Some(1),
        ..Default::default()
    };
    let address = AddressRecordInput {
        city: Some("Dayton".to_string()),
        ..Default::default()
    };
    let numbers = ProfileInputPhoneNumber::ArrayVecString(vec![NUMBER.to_string()]);
    ProfileInput {
        first_name: Some("Bruce".to_string()),
        last_name: Some("Banner".to_string()),
        phone_number: Some(Box::new(numbers)),
        phone: Some(Some(vec![phone])),
        address: Some(Some(Box::new(address))),
        ..Default::default()
    }
}

async fn query(
    service: &Configuration,
    id: &str,
) -> Result<Profile, ClientError<api::QueryProfileError>> {
    let extensions = Some(vec!["Phone".to_string(), "Address".to_string()]);
    api::query_profile(service, id, extensions, None, None, None, None).await
}

async fn update(
    service: &Configuration,
    id: &str,
    profile: &ProfileInput,
    tag: &str,
) -> Result<Profile, ClientError<api::UpdateProfileError>> {
    let (profile, tag) = (profile.clone(), Some(tag));
    api::update_profile(
        service, id, profile, tag, None, None, None, None, None, None,
    )
    .await
}

async fn identified(service: &Configuration, number: &str) -> Result<Vec<String>, Failure> {
    let numbers = Some(vec![number.to_string()]);
    let listed = api::identify_profiles(
        service, None, numbers, None, None, None, None, None, None, None, None, None, None, None,
        None, None,
    );
    match listed.await? {
        Identified::ProfileList(list) => {
            Ok(list.into_iter().map(|each| each.customer_id).collect())
        }
        _ => Err("is not a list".into()),
    }
}

/// What was answered, as it is written.
fn put_back(answered: &Profile) -> serde_json::Result<ProfileInput> {
    serde_json::from_value(serde_json::to_value(answered)?)
}

fn number(profile: &Profile) -> Option<&str> {
    profile.phone.as_ref()?[0].phone_number.as_deref()
}

fn refused<T>(expected: u16, answered: Result<Profile, ClientError<T>>) {
    match answered {
        Err(ClientError::ResponseError(ResponseContent { status, .. })) => {
            assert_eq!(status.as_u16(), expected)
        }
        _ => panic!("was not refused with {expected}"),
    }
}
